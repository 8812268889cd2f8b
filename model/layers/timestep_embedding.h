// Sinusoidal timestep embedding and the two linear layers after it, as the UNet
// and the ELLA connector use it (Ho et al., arXiv 2006.11239, section 4).
#pragma once

#include <ATen/ATen.h>

#include "model/layers/basic_layers.h"

namespace ella {

// timesteps [B] float32, fractional ones too -> [B, channels] float32, the
// cosines in the first half, then the sines; channels is even.
at::Tensor TimestepSinusoid(const at::Tensor& timesteps, int64_t channels);

// linear, SiLU, linear.
class TimestepEmbedding {
 public:
  TimestepEmbedding(const ParameterScope& scope, int64_t channels,
                    int64_t width);
  // timesteps [B] float32 -> [B, width] of the given dtype; the sinusoid is
  // made in float32 and only then cast.
  at::Tensor forward(const at::Tensor& timesteps, at::ScalarType dtype) const;

 private:
  int64_t channels_;
  Linear linear_1_;
  Linear linear_2_;
};

}  // namespace ella
