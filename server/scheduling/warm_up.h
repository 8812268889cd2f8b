#pragma once

#include "absl/status/status.h"
#include "model/api/engine.h"
#include "server/config/server_options.h"
#include "server/scheduling/clock.h"
#include "server/scheduling/step_cost_table.h"

namespace ella {

// Runs steps of the sizes that will be asked for, with more and more rows, and
// a decoding, to fill the cost table: times, the row limit of each size, and
// what a row takes of the memory. Takes some seconds at least, and goes on to
// larger batches only while it is within `limits.warm_up_time`. The denoising
// and the text thread must not run yet. An error other than too little memory
// for a large batch means that the model doesn't work.
absl::Status WarmUp(Engine* engine, const BatchOptions& options,
                    const RequestLimits& limits, const Clock* clock,
                    StepCostTable* costs);

}  // namespace ella
