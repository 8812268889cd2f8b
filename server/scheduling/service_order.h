// Who is served before whom.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace ella {

// What a request's place in the order of service depends on.
struct Standing {
  int service_class = 0;      // its priority, raised by waiting
  int caller = 0;             // callers by number
  double caller_service = 0;  // work done for the caller so far
  absl::Time deadline = absl::InfiniteFuture();
  uint64_t age = 0;  // smaller is older
  double work = 0;   // of its next step, in the unit of caller_service
};

// Indices in the order of service: the larger class first; within a class the
// caller who has had less, counting what stands before in this order; of one
// caller the earlier deadline, then the older.
std::vector<int> ServiceOrder(absl::Span<const Standing> standings);

}  // namespace ella
