#include "model/training/layout_head.h"

#include "absl/strings/str_cat.h"

namespace ella {
namespace {

constexpr int64_t kChannels = 4;  // red, green, blue, covered
constexpr int64_t kOutputs = kLayoutCells * kLayoutCells * kChannels;
constexpr int64_t kHiddenWidth = 256;

}  // namespace

at::Tensor LayoutOf(const at::Tensor& images) {
  // Objects keep off the edges.
  const at::Tensor background = images.slice(2, 0, 1).slice(3, 0, 1);
  const at::Tensor covered = (images - background)
                                 .abs()
                                 .amax(1, /*keepdim=*/true)
                                 .gt(0)
                                 .to(at::kFloat);
  return at::adaptive_avg_pool2d(at::cat({images * covered, 2 * covered}, 1),
                                 {kLayoutCells, kLayoutCells})
      .flatten(2)
      .transpose(1, 2);
}

at::Tensor DrawLayout(const at::Tensor& layouts, int64_t side) {
  const at::Tensor colors = layouts.slice(2, 0, 3).transpose(1, 2).reshape(
      {layouts.size(0), 3, kLayoutCells, kLayoutCells});
  return at::upsample_nearest2d(colors, {side, side});
}

std::vector<TensorShape> LayoutHeadShapes(const std::string& prefix,
                                          int64_t text_width) {
  const auto name = [&prefix](const char* part) {
    return absl::StrCat(prefix, ".", part);
  };
  return {{name("hidden.weight"), {kHiddenWidth, text_width}},
          {name("hidden.bias"), {kHiddenWidth}},
          {name("out.weight"), {kOutputs, kHiddenWidth}},
          {name("out.bias"), {kOutputs}}};
}

at::Tensor PredictLayout(const ParameterSet& head, const std::string& prefix,
                         const at::Tensor& tokens, const at::Tensor& mask) {
  const auto get = [&](const char* part) {
    return head.at(absl::StrCat(prefix, ".", part));
  };
  const at::Tensor text = tokens.to(at::kFloat);
  const at::Tensor weights =
      mask.defined() ? mask.to(at::kFloat)
                     : at::ones({text.size(0), text.size(1)}, text.options());
  const at::Tensor mean = (text * weights.unsqueeze(2)).sum(1) /
                          weights.sum(1, /*keepdim=*/true);
  const at::Tensor hidden =
      at::gelu(at::linear(mean, get("hidden.weight"), get("hidden.bias")));
  return at::linear(hidden, get("out.weight"), get("out.bias"))
      .view({-1, kLayoutCells * kLayoutCells, kChannels});
}

}  // namespace ella
