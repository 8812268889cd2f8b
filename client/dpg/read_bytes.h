#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace ella {

// The error names the path.
absl::StatusOr<std::string> ReadBytes(const std::string& path);

}  // namespace ella
