// Rows of different prompts, timesteps, guidance and conditioning as one UNet
// call.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "absl/types/span.h"
#include "model/engine/ella_row.h"
#include "model/engine/loaded_model.h"

namespace ella {

struct PredictedNoise {
  at::Tensor eps;  // [1, C, h, w] float32, after guidance
  int connector_cache_hits = 0;
};

// Takes the connector's output for each half of each row at the row's own
// timestep from the cache, then runs the UNet once for all. One prediction a
// row. Rows stay as they are, but for the connector outputs that they hold,
// also where this throws what torch throws.
std::vector<PredictedNoise> PredictNoise(const LoadedModel& model,
                                         const ComputePlan& plan,
                                         absl::Span<EllaRow* const> rows,
                                         ConnectorCache* connector_cache);

}  // namespace ella
