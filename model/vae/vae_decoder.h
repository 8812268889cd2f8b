// The decoder of Stable Diffusion's VAE (Rombach et al., arXiv 2112.10752), in
// the key names of diffusers, old and new.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <optional>
#include <vector>

#include "model/layers/resnet_block.h"
#include "model/vae/vae_config.h"
#include "model/vae/vae_mid_block.h"
#include "model/weights/parameter_loader.h"

namespace ella {

// Immutable; may be used by many threads.
class VaeDecoder {
 public:
  // A part of the network, from [B, channels, h, w] to the next part's input.
  using Stage = std::function<at::Tensor(const at::Tensor&)>;

  VaeDecoder(const ParameterScope& scope, const VaeConfig& config);
  VaeDecoder(const VaeDecoder&) = delete;
  VaeDecoder& operator=(const VaeDecoder&) = delete;

  // z [B, latent_channels, h, w], already divided by the scaling factor
  // -> [B, 3, scale * h, scale * w], around -1 to 1, not clamped.
  at::Tensor forward(const at::Tensor& z) const;

  // The same in parts, to be run one after another; they refer to the decoder.
  // The longest of SD1.5, an upsampling convolution, is an eighth of the whole.
  const std::vector<Stage>& stages() const { return stages_; }

 private:
  struct UpBlock {
    std::vector<ResnetBlock> resnets;
    std::optional<Conv2d> upsample;  // but for the last
  };

  std::vector<Stage> MakeStages() const;

  Conv2d post_quant_conv_;
  Conv2d conv_in_;
  VaeMidBlock mid_block_;
  std::vector<UpBlock> up_blocks_;
  GroupNorm conv_norm_out_;
  Conv2d conv_out_;
  std::vector<Stage> stages_;
};

// [B, 3, H, W] around -1 to 1 -> [B, H, W, 3] uint8, on the same device:
// clamped, then rounded half to even, in float32.
at::Tensor ToPixels(const at::Tensor& decoded);

// Today's names for the attention of early diffusers files; the other half of
// the VAE is ignored.
KeyMapping VaeDecoderKeyMapping();

}  // namespace ella
