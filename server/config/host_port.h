#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ella {

struct HostPort {
  std::string host;  // IPv6 without its brackets
  int port = 0;

  // HOST:PORT, or [HOST]:PORT for IPv6.
  std::string ToString() const;
};

// InvalidArgument naming the flag that the text came from.
absl::StatusOr<HostPort> ParseHostPort(absl::string_view flag,
                                       absl::string_view text);

// True where only this machine can reach the host.
bool IsLoopback(const std::string& host);

}  // namespace ella
