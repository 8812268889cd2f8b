#include "model/training/layout_head.h"

#include <limits>

#include "scenes/scene.h"

namespace ella {
namespace {

constexpr int64_t kQueries = kShapes.size() + 1;  // and the background
constexpr int64_t kChannels = 4;                  // red, green, blue, covered
constexpr int64_t kOutputs = kLayoutRows * kChannels;
constexpr int64_t kHiddenWidth = 256;
constexpr float kCoverScale = 16;
// To the error it is one row of 455.
constexpr float kBackgroundScale = 3;

}  // namespace

at::Tensor CellsOf(const at::Tensor& images, int64_t cells) {
  // Objects keep off the edges.
  const at::Tensor background = images.slice(2, 0, 1).slice(3, 0, 1);
  const at::Tensor covered = (images - background)
                                 .abs()
                                 .amax(1, /*keepdim=*/true)
                                 .gt(0)
                                 .to(at::kFloat);
  return at::adaptive_avg_pool2d(at::cat({images * covered, 2 * covered}, 1),
                                 {cells, cells})
      .flatten(2)
      .transpose(1, 2);
}

at::Tensor LayoutOf(const at::Tensor& images) {
  const at::Tensor cells = CellsOf(images, kLayoutCells);
  const at::Tensor mean = cells.mean(1, /*keepdim=*/true);
  const at::Tensor cover = mean.slice(2, 3) / 2;
  const at::Tensor color = mean.slice(2, 0, 3) / cover.clamp_min(1e-6);
  return at::cat({cells, at::cat({color, kCoverScale * cover}, 2)}, 1);
}

at::Tensor SpreadUnplaced(const at::Tensor& layouts, const at::Tensor& placed) {
  const at::Tensor cells = layouts.slice(1, 0, kLayoutRows - 1);
  return at::cat({at::where(placed.view({-1, 1, 1}), cells,
                            cells.mean(1, /*keepdim=*/true)),
                  layouts.slice(1, kLayoutRows - 1)},
                 1);
}

at::Tensor WithBackground(const at::Tensor& layouts,
                          const at::Tensor& backgrounds) {
  at::Tensor last =
      layouts.new_zeros({layouts.size(0), 1, kLayoutRows, kChannels});
  last.select(2, kLayoutRows - 1)
      .copy_(kBackgroundScale * backgrounds.unsqueeze(1));
  return at::cat({layouts, last}, 1);
}

at::Tensor DrawLayout(const at::Tensor& layouts, int64_t side) {
  const at::Tensor colors =
      layouts.slice(1, 0, kLayoutRows - 1)
          .slice(2, 0, 3)
          .transpose(1, 2)
          .reshape({layouts.size(0), 3, kLayoutCells, kLayoutCells});
  return at::upsample_nearest2d(colors, {side, side});
}

std::vector<TensorShape> LayoutHeadShapes(int64_t text_width) {
  return {{"queries.weight", {kQueries, text_width}},
          {"key.weight", {text_width, text_width}},
          {"hidden.weight", {kHiddenWidth, text_width}},
          {"hidden.bias", {kHiddenWidth}},
          {"out.weight", {kOutputs, kHiddenWidth}},
          {"out.bias", {kOutputs}}};
}

at::Tensor PredictLayout(const ParameterSet& head, const at::Tensor& tokens,
                         const at::Tensor& mask) {
  const at::Tensor text = tokens.to(at::kFloat);
  at::Tensor scores = at::linear(at::linear(text, head.at("key.weight")),
                                 head.at("queries.weight"));
  if (mask.defined()) {
    scores = scores.masked_fill(mask.eq(0).unsqueeze(2),
                                -std::numeric_limits<float>::infinity());
  }
  const at::Tensor found = scores.softmax(1).transpose(1, 2).matmul(text);
  const at::Tensor hidden = at::gelu(
      at::linear(found, head.at("hidden.weight"), head.at("hidden.bias")));
  return at::linear(hidden, head.at("out.weight"), head.at("out.bias"))
      .view({-1, kQueries, kLayoutRows, kChannels});
}

}  // namespace ella
