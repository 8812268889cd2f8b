// F-PNDM: "Pseudo Numerical Methods for Diffusion Models on Manifolds"
// (2202.09778). A linear multistep method whose first step is a second-order
// one of two calls in place of the paper's Runge-Kutta steps, as in latent
// diffusion.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "model/sampling/noise_schedule.h"
#include "model/sampling/sampler.h"

namespace ella {

// InvalidArgument where the schedule asks for Runge-Kutta steps.
absl::StatusOr<std::unique_ptr<Sampler>> CreatePndmSampler(
    const NoiseSchedule& schedule, int steps);

}  // namespace ella
