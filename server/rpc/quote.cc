#include "server/rpc/quote.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace ella {

std::string Quote(absl::string_view text) {
  constexpr size_t kLongest = 64;
  // Statuses travel in headers, which are limited to a few KiB.
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kLongest)),
                      text.size() > kLongest ? "..." : "", "\"");
}

}  // namespace ella
