#include "client/retry_policy.h"

#include <algorithm>
#include <utility>

#include "client/rpc_status.h"

namespace ella {

RetryPolicy::RetryPolicy(const RetryOptions& options,
                         std::function<double()> random)
    : options_(options),
      random_(std::move(random)),
      backoff_(options.initial_delay) {}

std::optional<absl::Duration> RetryPolicy::NextDelay(const absl::Status& error,
                                                     absl::Duration time_left) {
  was_unavailable_ = was_unavailable_ || absl::IsUnavailable(error);
  const bool former_try = absl::IsAlreadyExists(error) && was_unavailable_;
  if (!absl::IsUnavailable(error) && !absl::IsResourceExhausted(error) &&
      !former_try) {
    return std::nullopt;
  }
  if (absl::IsUnavailable(error)) {
    server_ = (server_ + 1) % options_.servers;
    if (++tried_ < options_.servers) {
      if (time_left <= absl::ZeroDuration()) return std::nullopt;
      return absl::ZeroDuration();
    }
  }
  tried_ = 0;
  absl::Duration delay;
  if (const std::optional<absl::Duration> asked = RetryDelay(error)) {
    // Never in a tight loop, whatever the server asks for.
    delay = std::max(*asked, options_.initial_delay / 10);
  } else {
    delay = backoff_ * (1 + options_.jitter * (2 * random_() - 1));
    backoff_ = std::min(backoff_ * options_.factor, options_.max_delay);
  }
  if (delay >= time_left) return std::nullopt;
  return delay;
}

}  // namespace ella
