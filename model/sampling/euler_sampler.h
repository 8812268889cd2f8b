// Euler steps of the probability flow ODE: "Elucidating the Design Space of
// Diffusion-Based Generative Models" (2206.00364), algorithm 1 without its
// second-order correction. Latents are x0 + sigma * noise.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "model/sampling/noise_schedule.h"
#include "model/sampling/sampler.h"

namespace ella {

absl::StatusOr<std::unique_ptr<Sampler>> CreateEulerSampler(
    const NoiseSchedule& schedule, int steps);

}  // namespace ella
