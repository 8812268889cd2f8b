// DDIM with eta 0: "Denoising Diffusion Implicit Models" (2010.02502), equation
// 12 with sigma 0.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "model/sampling/noise_schedule.h"
#include "model/sampling/sampler.h"

namespace ella {

absl::StatusOr<std::unique_ptr<Sampler>> CreateDdimSampler(
    const NoiseSchedule& schedule, int steps);

}  // namespace ella
