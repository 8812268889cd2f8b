// When a failed call is worth another try, and how long to wait before it.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace ella {

struct RetryOptions {
  // Which can all serve the call.
  size_t servers = 1;
  // The wait after the first failure; each further one is `factor` times
  // longer, up to `max_delay`.
  absl::Duration initial_delay = absl::Milliseconds(250);
  absl::Duration max_delay = absl::Seconds(10);
  double factor = 1.6;
  // Each wait is up to this share longer or shorter, so that clients which
  // failed together don't return together.
  double jitter = 0.2;
};

// One call and its tries. UNAVAILABLE and RESOURCE_EXHAUSTED are tried again,
// after what RetryInfo says where the server says it. So is ALREADY_EXISTS
// after UNAVAILABLE: the server may not have noticed yet that the former try's
// connection is gone. UNAVAILABLE moves on to the next server, and the first
// wait comes once all have said it. Belongs to one thread.
class RetryPolicy {
 public:
  // random() is in [0, 1).
  RetryPolicy(const RetryOptions& options, std::function<double()> random);

  // How long to wait; nothing where the error is final, or where the wait
  // would take all that is left of the time.
  std::optional<absl::Duration> NextDelay(const absl::Status& error,
                                          absl::Duration time_left);

  // Which server the next try is for; 0 at first.
  size_t server() const { return server_; }

 private:
  const RetryOptions options_;
  const std::function<double()> random_;
  absl::Duration backoff_;
  bool was_unavailable_ = false;
  size_t server_ = 0;
  size_t tried_ = 0;  // servers since the last wait
};

}  // namespace ella
