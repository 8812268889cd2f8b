// The residual block of the UNet and, without a timestep, of the VAE.
#pragma once

#include <ATen/ATen.h>

#include <optional>

#include "model/layers/basic_layers.h"

namespace ella {

struct ResnetOptions {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  int64_t time_width = 0;  // 0: no timestep
  int64_t norm_groups = 32;
  double norm_epsilon = 1e-5;
};

class ResnetBlock {
 public:
  ResnetBlock(const ParameterScope& scope, const ResnetOptions& options);

  // x [B, in_channels, h, w], time [B, time_width] after SiLU, or undefined
  // -> [B, out_channels, h, w]
  at::Tensor forward(const at::Tensor& x, const at::Tensor& time = {}) const;

 private:
  GroupNorm norm1_;
  Conv2d conv1_;
  std::optional<Linear> time_emb_proj_;
  GroupNorm norm2_;
  Conv2d conv2_;
  std::optional<Conv2d> conv_shortcut_;
};

}  // namespace ella
