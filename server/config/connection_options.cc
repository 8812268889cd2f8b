#include "server/config/connection_options.h"

#include "absl/strings/str_cat.h"

namespace ella {
namespace {

// gRPC counts bytes and milliseconds in an int.
constexpr int kMost = 2000000;

}  // namespace

absl::Status ConnectionOptions::Validate() const {
  const struct {
    const char* flag;
    int value;
    int min;
  } ranges[] = {
      {"--grpc-max-message-kb", max_message_kb, 1},
      {"--grpc-max-connections", max_connections, 1},
      {"--grpc-max-streams", max_streams, 1},
      {"--grpc-memory-mb", memory_mb, 1},
      {"--grpc-max-connection-idle-seconds", max_idle_seconds, 0},
      {"--grpc-max-connection-age-seconds", max_age_seconds, 0},
      {"--grpc-max-connection-age-grace-seconds", max_age_grace_seconds, 0},
      {"--grpc-keepalive-seconds", keepalive_seconds, 1},
      {"--grpc-keepalive-timeout-seconds", keepalive_timeout_seconds, 1},
      {"--grpc-stall-seconds", stall_seconds, 1},
  };
  for (const auto& [flag, value, min] : ranges) {
    if (value >= min && value <= kMost) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(flag, " must be ", min, " to ", kMost, ", was ", value));
  }
  return absl::OkStatus();
}

}  // namespace ella
