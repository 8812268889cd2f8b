// How long requests will wait: the rows of a step as so many slots, which each
// request takes for its own time, one after another in the order of service.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace ella {

struct Load {
  int unet_rows = 1;        // slots that it takes
  absl::Duration run_time;  // once it has them
};

// Of each that waits, when it gets its slots. `running` has its slots now.
std::vector<absl::Duration> EstimateWaits(absl::Span<const Load> running,
                                          absl::Span<const Load> waiting,
                                          int slots);

}  // namespace ella
