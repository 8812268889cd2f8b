// The prompts that a load is made of.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ella {

std::vector<std::string> BuiltInPrompts();

// Of a file, each line that isn't empty; of a folder, each *.txt as a whole, in
// the order of their names. InvalidArgument where there is none, or one can't
// be read or isn't UTF-8.
absl::StatusOr<std::vector<std::string>> ReadPrompts(const std::string& path);

}  // namespace ella
