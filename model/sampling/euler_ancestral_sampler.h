// Euler steps to a lower sigma than the next, and noise that makes up for it:
// ancestral sampling (2006.11239) along the probability flow ODE of 2206.00364.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "model/sampling/noise_schedule.h"
#include "model/sampling/sampler.h"

namespace ella {

absl::StatusOr<std::unique_ptr<Sampler>> CreateEulerAncestralSampler(
    const NoiseSchedule& schedule, int steps);

}  // namespace ella
