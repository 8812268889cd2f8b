#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace ella {

// A client's text as an error message may hold it: in quotes, escaped, short.
std::string Quote(absl::string_view text);

}  // namespace ella
