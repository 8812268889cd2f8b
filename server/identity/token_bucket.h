#pragma once

#include "absl/time/time.h"

namespace ella {

// Lets through so many a minute: a minute's worth at once, after that as they
// come back, evenly. Belongs to one thread at a time.
class TokenBucket {
 public:
  // per_minute is at least 1. Starts full.
  explicit TokenBucket(int per_minute)
      : per_minute_(per_minute), interval_(absl::Minutes(1) / per_minute) {}

  int per_minute() const { return per_minute_; }

  // Zero where one may go through, which takes its token; else how long until
  // one might.
  absl::Duration Take(absl::Time now);

 private:
  const int per_minute_;
  const absl::Duration interval_;
  // All tokens taken so far have come back by then.
  absl::Time full_at_ = absl::InfinitePast();
};

}  // namespace ella
