// W3C Trace Context: which trace of a distributed system a call belongs to.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace ella {

struct TraceContext {
  std::string trace_id;   // 32 hex digits
  std::string parent_id;  // 16 hex digits: the caller's span
};

// Reads a `traceparent` header of version 00, or of a later version as far as
// it is like 00. Nothing where it is malformed, as the standard asks.
std::optional<TraceContext> ParseTraceparent(absl::string_view header);

}  // namespace ella
