// The transformer of the UNet: self-attention among the latents of a row, then
// cross-attention from the latents to the row's context, then a gated
// feed-forward layer (Rombach et al., arXiv 2112.10752, section 3.3).
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "model/layers/basic_layers.h"

namespace ella {

// What the rows of a batch attend to: consecutive rows whose contexts have
// equally many tokens are one tensor [rows, tokens, width], so that rows of
// ELLA (64 tokens) and of CLIP (77) can share a batch.
using Contexts = std::vector<at::Tensor>;

// What a cross-attention was asked by the latents, and what it told them; both
// [B, h * w, channels].
struct CrossAttention {
  at::Tensor asked;
  at::Tensor told;
};

struct TransformerOptions {
  int64_t channels = 0;
  int64_t heads = 8;
  int64_t context_width = 768;
  int64_t norm_groups = 32;
};

class SpatialTransformer {
 public:
  SpatialTransformer(const ParameterScope& scope,
                     const TransformerOptions& options);

  // x [B, channels, h, w] -> same; the contexts' rows add up to B. `seen`
  // gains what the cross-attention did, for those who teach it.
  at::Tensor forward(const at::Tensor& x, const Contexts& contexts,
                     std::vector<CrossAttention>* seen = nullptr) const;

  // What the contexts tell latents that ask so.
  at::Tensor CrossAttend(const at::Tensor& asked,
                         const Contexts& contexts) const;

 private:
  struct Attention {
    Attention(const ParameterScope& scope, int64_t width,
              int64_t context_width);
    Linear to_q, to_k, to_v, to_out;
  };

  at::Tensor SelfAttend(const at::Tensor& x) const;
  at::Tensor FeedForward(const at::Tensor& x) const;

  int64_t heads_;
  GroupNorm norm_;
  Conv2d proj_in_;
  LayerNorm norm1_;
  Attention attn1_;
  LayerNorm norm2_;
  Attention attn2_;
  LayerNorm norm3_;
  Linear ff_in_;
  Linear ff_out_;
  Conv2d proj_out_;
};

}  // namespace ella
