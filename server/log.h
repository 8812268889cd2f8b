#pragma once

#include "absl/strings/string_view.h"

namespace ella {

// One line on stderr, for the operator. Thread-safe.
void Log(absl::string_view line);

}  // namespace ella
