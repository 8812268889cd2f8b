// Rows of different prompts, timesteps, guidance and conditioning as one UNet
// call.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "absl/types/span.h"
#include "model/engine/ella_row.h"
#include "model/engine/loaded_model.h"

namespace ella {

// Runs the connector for each half of each row at the row's own timestep, then
// the UNet once for all. Returns the predicted noise of each row after its
// guidance, [1, C, h, w] float32, in the order of the rows. The rows stay as
// they are.
std::vector<at::Tensor> PredictNoise(const LoadedModel& model,
                                     const ComputePlan& plan,
                                     absl::Span<EllaRow* const> rows);

}  // namespace ella
