// UniPC of order 2 with B(h) = e^h - 1, on data predictions: "UniPC: A Unified
// Predictor-Corrector Framework for Fast Sampling of Diffusion Models"
// (2302.04867).
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "model/sampling/noise_schedule.h"
#include "model/sampling/sampler.h"

namespace ella {

absl::StatusOr<std::unique_ptr<Sampler>> CreateUnipcSampler(
    const NoiseSchedule& schedule, int steps);

}  // namespace ella
