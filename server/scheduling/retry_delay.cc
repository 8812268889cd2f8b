#include "server/scheduling/retry_delay.h"

#include <string>

#include "absl/strings/cord.h"

namespace ella {
namespace {

constexpr char kPayload[] = "ella/retry_delay";

}  // namespace

void SetRetryDelay(absl::Duration delay, absl::Status* status) {
  status->SetPayload(kPayload, absl::Cord(absl::FormatDuration(delay)));
}

std::optional<absl::Duration> GetRetryDelay(const absl::Status& status) {
  absl::optional<absl::Cord> payload = status.GetPayload(kPayload);
  absl::Duration delay;
  if (!payload || !absl::ParseDuration(std::string(*payload), &delay)) {
    return std::nullopt;
  }
  return delay;
}

}  // namespace ella
