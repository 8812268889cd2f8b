// A small model directory with random weights, in the real formats.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "model/writing/model_sizes.h"

namespace ella {

// Like the real one in all but size: 64 pixels along the default image's side.
ModelSizes SmallModelSizes();

// Writes FOLDER/sd15, FOLDER/flan-t5 and FOLDER/ella, some 3 MB. All files are
// there or none: they are made in FOLDER.tmp, which is replaced. A FOLDER with
// a model is left as it is; AlreadyExists where it holds anything else.
absl::Status WriteRandomModel(const std::string& folder, uint64_t seed);

}  // namespace ella
