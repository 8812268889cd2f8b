// What the encoder and the decoder of the VAE have in common.
#pragma once

#include <ATen/ATen.h>

#include <string>

#include "model/layers/resnet_block.h"
#include "model/vae/vae_config.h"

namespace ella {

inline constexpr double kVaeNormEpsilon = 1e-6;

ResnetOptions VaeResnet(const VaeConfig& config, int64_t in, int64_t out);

// Among the smallest pictures: a residual block, attention of one head over the
// full width, a residual block. Immutable; may be used by many threads.
class VaeMidBlock {
 public:
  VaeMidBlock(const ParameterScope& scope, const VaeConfig& config);
  // [B, channels of the last level, h, w] -> same
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor Attended(const at::Tensor& x) const;

  ResnetBlock in_;
  GroupNorm group_norm_;
  Linear to_q_, to_k_, to_v_, to_out_;
  ResnetBlock out_;
};

// Today's name of a key in an early diffusers file.
std::string VaeKeyOfToday(const std::string& key);

}  // namespace ella
