#include "server/identity/token_bucket.h"

#include <algorithm>

namespace ella {

absl::Duration TokenBucket::Take(absl::Time now) {
  const absl::Time full_at = std::max(full_at_, now);
  const absl::Duration wait = full_at - now - interval_ * (per_minute_ - 1);
  if (wait > absl::ZeroDuration()) return wait;
  full_at_ = full_at + interval_;
  return absl::ZeroDuration();
}

}  // namespace ella
