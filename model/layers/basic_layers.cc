#include "model/layers/basic_layers.h"

#include <optional>

namespace ella {
namespace {

// libtorch's channels-last group norm sums over the places in float32 one by
// one. Over more than these, 512x512 in the VAE, that loses a digit too many.
constexpr int64_t kManyPlaces = 4096;

at::Tensor As(const at::Tensor& parameter, at::ScalarType dtype) {
  return parameter.defined() ? parameter.to(dtype) : parameter;
}

// [B, N, heads * d] -> [B, heads, N, d]
at::Tensor SplitHeads(const at::Tensor& x, int64_t heads) {
  return x.view({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
}

// [B, heads, N, d] -> [B, N, heads * d]
at::Tensor JoinHeads(const at::Tensor& x) {
  return x.transpose(1, 2).reshape({x.size(0), x.size(2), -1});
}

}  // namespace

Linear::Linear(const ParameterScope& scope, int64_t in, int64_t out, bool bias)
    : weight_(scope.Get("weight", {out, in})) {
  if (bias) bias_ = scope.Get("bias", {out});
}

at::Tensor Linear::forward(const at::Tensor& x) const {
  return at::linear(x, As(weight_, x.scalar_type()),
                    As(bias_, x.scalar_type()));
}

Linear Linear::To(at::ScalarType dtype) const {
  Linear converted = *this;
  converted.weight_ = As(weight_, dtype);
  converted.bias_ = As(bias_, dtype);
  return converted;
}

Conv2d::Conv2d(const ParameterScope& scope, int64_t in, int64_t out,
               int64_t kernel, int64_t stride, int64_t padding)
    : weight_(scope.Get("weight", {out, in, kernel, kernel})
                  .contiguous(at::MemoryFormat::ChannelsLast)),
      bias_(scope.Get("bias", {out})),
      stride_(stride),
      padding_(padding) {}

at::Tensor Conv2d::forward(const at::Tensor& x) const {
  return at::conv2d(x, weight_, bias_, stride_, padding_);
}

GroupNorm::GroupNorm(const ParameterScope& scope, int64_t groups,
                     int64_t channels, double eps)
    : weight_(scope.Get("weight", {channels})),
      bias_(scope.Get("bias", {channels})),
      groups_(groups),
      eps_(eps) {}

at::Tensor GroupNorm::forward(const at::Tensor& x) const {
  if (x.is_cpu() && x.scalar_type() == at::kFloat &&
      x.size(2) * x.size(3) > kManyPlaces) {
    return at::group_norm(x.contiguous(), groups_, weight_, bias_, eps_)
        .contiguous(at::MemoryFormat::ChannelsLast);
  }
  return at::group_norm(x, groups_, weight_, bias_, eps_);
}

LayerNorm::LayerNorm(const ParameterScope& scope, int64_t width, double eps)
    : weight_(scope.Get("weight", {width})),
      bias_(scope.Get("bias", {width})),
      eps_(eps) {}

at::Tensor LayerNorm::forward(const at::Tensor& x) const {
  return at::layer_norm(x, weight_.sizes(), weight_, bias_, eps_);
}

at::Tensor Attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  int64_t heads, bool causal) {
  return JoinHeads(at::scaled_dot_product_attention(
      SplitHeads(q, heads), SplitHeads(k, heads), SplitHeads(v, heads),
      /*attn_mask=*/std::nullopt, /*dropout_p=*/0, causal));
}

at::Tensor AttendWithBias(const at::Tensor& q, const at::Tensor& k,
                          const at::Tensor& v, int64_t heads,
                          const at::Tensor& bias, double scale) {
  return JoinHeads(at::scaled_dot_product_attention(
      SplitHeads(q, heads), SplitHeads(k, heads), SplitHeads(v, heads), bias,
      /*dropout_p=*/0, /*is_causal=*/false, scale));
}

}  // namespace ella
