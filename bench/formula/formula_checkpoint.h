// A full-size network's weights in memory, as if read from a float32 file.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "model/weights/checkpoint.h"

namespace ella {

// Of the tensors of a file of bench/formula/shapes those whose names are
// wanted; all where `wanted` is null. Errors as in ReadFormulaTensors.
absl::StatusOr<Checkpoint> MakeFormulaCheckpoint(
    const std::string& shapes_path,
    const std::function<bool(const std::string& name)>& wanted = nullptr);

}  // namespace ella
