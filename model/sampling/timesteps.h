// Which timesteps a sampler visits.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "model/sampling/noise_schedule.h"

namespace ella {

// What differs between samplers.
struct Spacing {
  const char* fallback;       // where the config names no timestep_spacing
  bool ends_before_zero;      // divides the range into steps and drops the end
  bool fractional_timesteps;  // leaves linspace's timesteps unrounded
};
inline constexpr Spacing kDdimSpacing = {"leading", false, false};
inline constexpr Spacing kEulerSpacing = {"linspace", false, true};
inline constexpr Spacing kSolverSpacing = {"linspace", true, false};

// Timesteps and the sigmas there, descending. A 0 follows the last sigma, so
// call i goes from sigmas[i] to sigmas[i + 1].
struct SigmaSchedule {
  std::vector<float> timesteps;
  std::vector<float> sigmas;
};

// Descending. steps is from 1 to the schedule's number of timesteps.
// InvalidArgument where they don't fit. The offset of leading timesteps is
// reduced where they would pass the last timestep.
absl::StatusOr<std::vector<float>> SpacedTimesteps(
    const NoiseSchedule& schedule, int steps, const Spacing& spacing);

absl::StatusOr<SigmaSchedule> SpacedSigmas(const NoiseSchedule& schedule,
                                           int steps, const Spacing& spacing);

// Equation 5 of "Elucidating the Design Space of Diffusion-Based Generative
// Models" (2206.00364) with rho = 7, from the schedule's largest sigma to its
// smallest. Timesteps are the nearest whole ones, and may repeat.
SigmaSchedule KarrasSigmas(const NoiseSchedule& schedule, int steps);

}  // namespace ella
