#include "server/logging/trace_context.h"

#include <cstddef>

namespace ella {
namespace {

// Lower case alone is allowed.
bool IsHex(absl::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

bool IsZero(absl::string_view text) {
  return text.find_first_not_of('0') == absl::string_view::npos;
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(absl::string_view header) {
  // VERSION-TRACE-PARENT-FLAGS
  constexpr size_t kLength = 2 + 1 + 32 + 1 + 16 + 1 + 2;
  if (header.size() < kLength) return std::nullopt;
  const absl::string_view version = header.substr(0, 2);
  const absl::string_view trace = header.substr(3, 32);
  const absl::string_view parent = header.substr(36, 16);
  const absl::string_view flags = header.substr(53, 2);
  if (!IsHex(version) || version == "ff" || header[2] != '-' || !IsHex(trace) ||
      IsZero(trace) || header[35] != '-' || !IsHex(parent) || IsZero(parent) ||
      header[52] != '-' || !IsHex(flags)) {
    return std::nullopt;
  }
  // Later versions may add fields.
  if (header.size() > kLength && (version == "00" || header[kLength] != '-')) {
    return std::nullopt;
  }
  return TraceContext{std::string(trace), std::string(parent)};
}

}  // namespace ella
