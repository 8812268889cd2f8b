// Full-size networks with formula weights, on the CPU in float32.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/formula/formula_checkpoint.h"
#include "bench/formula/formula_weights.h"
#include "tests/golden/golden_file.h"
#include "tests/golden/golden_networks.h"

namespace ella {

constexpr double kFullSizeTolerance = 1e-4;  // of the rms

// Of the file of bench/formula/shapes whose name begins so.
inline Checkpoint FormulaCheckpoint(
    const std::string& network,
    const std::function<bool(const std::string&)>& wanted = nullptr) {
  return ValueOrThrow(MakeFormulaCheckpoint(
      GoldenPath("../../bench/formula/shapes/" + network + "_shapes.json"),
      wanted));
}

// Spread over 2^log2_scale around 0.
inline at::Tensor FormulaInput(const std::string& name,
                               const std::vector<int64_t>& shape,
                               int log2_scale) {
  const at::Tensor tensor = at::empty(shape, at::kFloat);
  FillByFormula({name, shape, log2_scale, /*offset=*/0},
                /*first=*/0,
                absl::MakeSpan(tensor.mutable_data_ptr<float>(),
                               static_cast<size_t>(tensor.numel())));
  return tensor;
}

inline GoldenFile FullSizeFile() {
  return GoldenFile("../full/expected/full_size_formula.safetensors");
}

inline GoldenFile FullSizeLargeFile() {
  return GoldenFile("../full/expected/full_size_formula_large.safetensors");
}

}  // namespace ella
