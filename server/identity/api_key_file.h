#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/identity/caller.h"

namespace ella {

// One caller's key, of which only the hash is known.
struct ApiKey {
  std::string sha256;  // 32 bytes
  Caller caller;
};

// Reads lines such as
//
//   # comment
//   web 9f86d081...b0f00a08 requests-per-minute=120 images=16 priority=5 admin
//
// A name has 1 to 64 letters, digits, dots, dashes and underscores; the hash is
// that of the key's own characters, in hex. What isn't set has no limit, but
// for the priority, which is at most 0, and admin, which is off. A name may
// stand on several lines with the same settings, so that keys can be changed
// one after the other. InvalidArgument names the line; a text without keys is
// an error too.
absl::StatusOr<std::vector<ApiKey>> ParseApiKeys(absl::string_view text);

}  // namespace ella
