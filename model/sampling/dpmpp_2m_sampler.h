// DPM-Solver++(2M): "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion
// Probabilistic Models" (2211.01095), algorithm 2. The last step, to sigma 0,
// is first-order.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "model/sampling/noise_schedule.h"
#include "model/sampling/sampler.h"

namespace ella {

absl::StatusOr<std::unique_ptr<Sampler>> CreateDpmpp2mSampler(
    const NoiseSchedule& schedule, int steps);

// The same on the sigmas of 2206.00364.
absl::StatusOr<std::unique_ptr<Sampler>> CreateDpmpp2mKarrasSampler(
    const NoiseSchedule& schedule, int steps);

}  // namespace ella
