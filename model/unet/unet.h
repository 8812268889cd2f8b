// The UNet of Stable Diffusion 1 (Rombach et al., arXiv 2112.10752), in the key
// names of diffusers.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <vector>

#include "model/layers/resnet_block.h"
#include "model/layers/timestep_embedding.h"
#include "model/unet/transformer_block.h"
#include "model/unet/unet_config.h"

namespace ella {

// Immutable; may be used by many threads.
class UNet {
 public:
  UNet(const ParameterScope& scope, const UNetConfig& config);

  // sample [B, in_channels, h, w] of any h and w, timesteps [B] float32, one a
  // row, fractional ones too -> the predicted noise, [B, out_channels, h, w].
  // `seen` gains what each cross-attention did, in the order of the
  // transformers.
  at::Tensor forward(const at::Tensor& sample, const at::Tensor& timesteps,
                     const Contexts& contexts,
                     std::vector<CrossAttention>* seen = nullptr) const;

  // What other contexts would have told the latents that asked in `seen`, one
  // tensor a transformer.
  std::vector<at::Tensor> CrossAttend(const std::vector<CrossAttention>& seen,
                                      const Contexts& contexts) const;

 private:
  // A level on the way down: each layer's output, and the downsampled one, are
  // kept for the way up.
  struct DownBlock {
    std::vector<ResnetBlock> resnets;
    std::vector<SpatialTransformer> attentions;  // none, or one a resnet
    std::optional<Conv2d> downsample;            // but for the last level
  };
  struct UpBlock {
    std::vector<ResnetBlock> resnets;
    std::vector<SpatialTransformer> attentions;
    std::optional<Conv2d> upsample;
  };

  static DownBlock MakeDownBlock(const ParameterScope& scope,
                                 const UNetConfig& config, int64_t level);
  static UpBlock MakeUpBlock(const ParameterScope& scope,
                             const UNetConfig& config, int64_t level);

  // In the order in which latents pass them.
  std::vector<const SpatialTransformer*> Transformers() const;

  Conv2d conv_in_;
  TimestepEmbedding time_embedding_;
  std::vector<DownBlock> down_blocks_;
  ResnetBlock mid_in_;
  SpatialTransformer mid_attention_;
  ResnetBlock mid_out_;
  std::vector<UpBlock> up_blocks_;
  GroupNorm conv_norm_out_;
  Conv2d conv_out_;
};

}  // namespace ella
