// The encoder of Stable Diffusion's VAE (Rombach et al., arXiv 2112.10752), in
// the key names of diffusers, old and new. Serving has no use for it; training
// does.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <vector>

#include "model/layers/resnet_block.h"
#include "model/vae/vae_config.h"
#include "model/vae/vae_mid_block.h"
#include "model/weights/parameter_loader.h"

namespace ella {

// A normal distribution for each latent: [B, latent_channels, h, w], to be
// multiplied by the scaling factor once drawn.
struct LatentDistribution {
  at::Tensor mean;
  at::Tensor logvar;
};

// Immutable; may be used by many threads.
class VaeEncoder {
 public:
  VaeEncoder(const ParameterScope& scope, const VaeConfig& config);

  // image [B, 3, H, W] from -1 to 1, H and W multiples of config.scale()
  LatentDistribution forward(const at::Tensor& image) const;

 private:
  struct DownBlock {
    std::vector<ResnetBlock> resnets;
    std::optional<Conv2d> downsample;  // but for the last
  };

  Conv2d conv_in_;
  std::vector<DownBlock> down_blocks_;
  VaeMidBlock mid_block_;
  GroupNorm conv_norm_out_;
  Conv2d conv_out_;
  Conv2d quant_conv_;
};

// Today's names for the attention of early diffusers files; the other half of
// the VAE is ignored.
KeyMapping VaeEncoderKeyMapping();

}  // namespace ella
