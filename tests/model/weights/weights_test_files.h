// Files for the tests of model/weights.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tests/temp_folder.h"

namespace ella {

// The bytes of a safetensors file, right or wrong: the header's length, the
// header, the data.
std::string SafetensorsBytes(absl::string_view header, absl::string_view data);

// The status's message; gmock prints Abseil's own type as numbers.
std::string Message(const absl::Status& status);

// A file with one-element U8 tensors of these names; tensor i holds i.
std::string SmallTensors(const std::vector<std::string>& names);

}  // namespace ella
