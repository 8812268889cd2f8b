#include "model/training/grounding.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "model/training/layout_head.h"

namespace ella {
namespace {
constexpr int64_t kChannels = 4;  // of a cell
}  // namespace

std::vector<TensorShape> GroundingProbeShapes(const UnetSizes& sizes) {
  // All levels but the last have transformers, going up one more than down.
  const auto levels = static_cast<int64_t>(sizes.channels.size());
  std::vector<int64_t> widths;
  for (int64_t level = 0; level + 1 < levels; ++level) {
    widths.insert(widths.end(), sizes.layers_per_block, sizes.channels[level]);
  }
  widths.push_back(sizes.channels.back());
  for (int64_t level = levels - 2; level >= 0; --level) {
    widths.insert(widths.end(), sizes.layers_per_block + 1,
                  sizes.channels[level]);
  }
  std::vector<TensorShape> shapes;
  for (size_t i = 0; i < widths.size(); ++i) {
    shapes.push_back({absl::StrCat(i, ".weight"), {kChannels, widths[i]}});
    shapes.push_back({absl::StrCat(i, ".bias"), {kChannels}});
  }
  return shapes;
}

at::Tensor GroundingError(const ParameterSet& probes,
                          const std::vector<CrossAttention>& seen,
                          const at::Tensor& images) {
  std::vector<at::Tensor> errors;
  for (size_t i = 0; i < seen.size(); ++i) {
    const at::Tensor read = at::linear(seen[i].told.to(at::kFloat),
                                       probes.at(absl::StrCat(i, ".weight")),
                                       probes.at(absl::StrCat(i, ".bias")));
    const auto side = std::lround(std::sqrt(static_cast<double>(read.size(1))));
    const at::Tensor truth = CellsOf(images, side).to(read.device());
    errors.push_back((read - truth).square().mean());
  }
  return at::stack(errors).mean();
}

}  // namespace ella
