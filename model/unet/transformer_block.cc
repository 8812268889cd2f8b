#include "model/unet/transformer_block.h"

namespace ella {
namespace {
constexpr double kGroupNormEpsilon = 1e-6;
constexpr double kLayerNormEpsilon = 1e-5;
constexpr int64_t kExpansion = 4;  // of the feed-forward layer
}  // namespace

SpatialTransformer::Attention::Attention(const ParameterScope& scope,
                                         int64_t width, int64_t context_width)
    : to_q(scope["to_q"], width, width, /*bias=*/false),
      to_k(scope["to_k"], context_width, width, /*bias=*/false),
      to_v(scope["to_v"], context_width, width, /*bias=*/false),
      to_out(scope["to_out.0"], width, width) {}

SpatialTransformer::SpatialTransformer(const ParameterScope& scope,
                                       const TransformerOptions& options)
    : heads_(options.heads),
      norm_(scope["norm"], options.norm_groups, options.channels,
            kGroupNormEpsilon),
      proj_in_(scope["proj_in"], options.channels, options.channels,
               /*kernel=*/1),
      norm1_(scope["transformer_blocks.0.norm1"], options.channels,
             kLayerNormEpsilon),
      attn1_(scope["transformer_blocks.0.attn1"], options.channels,
             options.channels),
      norm2_(scope["transformer_blocks.0.norm2"], options.channels,
             kLayerNormEpsilon),
      attn2_(scope["transformer_blocks.0.attn2"], options.channels,
             options.context_width),
      norm3_(scope["transformer_blocks.0.norm3"], options.channels,
             kLayerNormEpsilon),
      ff_in_(scope["transformer_blocks.0.ff.net.0.proj"], options.channels,
             2 * kExpansion * options.channels),
      ff_out_(scope["transformer_blocks.0.ff.net.2"],
              kExpansion * options.channels, options.channels),
      proj_out_(scope["proj_out"], options.channels, options.channels,
                /*kernel=*/1) {}

at::Tensor SpatialTransformer::SelfAttend(const at::Tensor& x) const {
  return attn1_.to_out.forward(Attend(attn1_.to_q.forward(x),
                                      attn1_.to_k.forward(x),
                                      attn1_.to_v.forward(x), heads_));
}

at::Tensor SpatialTransformer::CrossAttend(const at::Tensor& asked,
                                           const Contexts& contexts) const {
  const at::Tensor query = attn2_.to_q.forward(asked);
  std::vector<at::Tensor> attended;
  int64_t row = 0;
  for (const at::Tensor& context : contexts) {
    const at::Tensor rows = query.slice(0, row, row + context.size(0));
    attended.push_back(Attend(rows, attn2_.to_k.forward(context),
                              attn2_.to_v.forward(context), heads_));
    row += context.size(0);
  }
  return attn2_.to_out.forward(attended.size() == 1 ? attended[0]
                                                    : at::cat(attended));
}

at::Tensor SpatialTransformer::FeedForward(const at::Tensor& x) const {
  const std::vector<at::Tensor> halves = ff_in_.forward(x).chunk(2, -1);
  return ff_out_.forward(halves[0] * at::gelu(halves[1]));
}

at::Tensor SpatialTransformer::forward(
    const at::Tensor& x, const Contexts& contexts,
    std::vector<CrossAttention>* seen) const {
  const int64_t height = x.size(2), width = x.size(3);
  // [B, channels, h, w] -> [B, h * w, channels]
  at::Tensor h = proj_in_.forward(norm_.forward(x)).flatten(2).transpose(1, 2);
  h = h + SelfAttend(norm1_.forward(h));
  const at::Tensor asked = norm2_.forward(h);
  const at::Tensor told = CrossAttend(asked, contexts);
  if (seen) seen->push_back({asked, told});
  h = h + told;
  h = h + FeedForward(norm3_.forward(h));
  // [B, h * w, channels] -> [B, channels, h, w]
  h = h.transpose(1, 2).unflatten(2, {height, width});
  return proj_out_.forward(h) + x;
}

}  // namespace ella
