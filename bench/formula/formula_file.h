// Formula weights on disk.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/formula/formula_weights.h"

namespace ella {

// Writes the tensors, in this order and rounded to float16, as a safetensors
// file. Holds a few million elements at a time.
absl::Status WriteFormulaFile(const std::string& path,
                              const std::vector<FormulaTensor>& tensors);

}  // namespace ella
