#include "server/scheduling/wait_estimate.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace ella {

std::vector<absl::Duration> EstimateWaits(absl::Span<const Load> running,
                                          absl::Span<const Load> waiting,
                                          int slots) {
  // When each slot gets free, the earliest on top.
  std::priority_queue<absl::Duration, std::vector<absl::Duration>,
                      std::greater<absl::Duration>>
      free_at;
  for (int i = 0; i < slots; ++i) free_at.push(absl::ZeroDuration());
  const auto take = [&](const Load& load) {
    const int taken = std::min(load.unet_rows, slots);
    absl::Duration start;
    for (int i = 0; i < taken; ++i) {
      start = std::max(start, free_at.top());
      free_at.pop();
    }
    // A load of more rows than slots takes turns with itself.
    const absl::Duration end =
        start + load.run_time * load.unet_rows / std::max(1, taken);
    for (int i = 0; i < taken; ++i) free_at.push(end);
    return start;
  };
  for (const Load& load : running) take(load);
  std::vector<absl::Duration> waits;
  waits.reserve(waiting.size());
  for (const Load& load : waiting) waits.push_back(take(load));
  return waits;
}

}  // namespace ella
