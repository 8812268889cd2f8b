// Files that verbs read. Errors are InvalidArgument and name the file.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ella {

// `name` is for the error.
absl::StatusOr<std::string> ReadAll(std::istream& stream,
                                    const std::string& name);

absl::StatusOr<std::string> ReadFile(const std::string& path);

// Without white space at its ends. A text that isn't UTF-8 or holds a NUL is an
// error too.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

// The paths of a folder's *.txt, in the order of their names.
absl::StatusOr<std::vector<std::string>> ListTextFiles(
    const std::string& folder);

}  // namespace ella
