#include "model/sampling/euler_sampler_base.h"

#include <cmath>
#include <utility>

namespace ella {
namespace {

// Leading timesteps begin below the last one, where x0 is still to be seen: its
// unit variance adds to the noise's.
float InitNoiseSigma(const NoiseSchedule& schedule, float sigma) {
  return schedule.config().timestep_spacing == "leading"
             ? std::sqrt(sigma * sigma + 1)
             : sigma;
}

}  // namespace

EulerSamplerBase::EulerSamplerBase(const NoiseSchedule& schedule,
                                   SigmaSchedule sigmas)
    : Sampler(std::move(sigmas.timesteps)),
      sigmas_(std::move(sigmas.sigmas)),
      init_noise_sigma_(InitNoiseSigma(schedule, sigmas_.front())) {}

at::Tensor EulerSamplerBase::ScaleInput(const at::Tensor& latents) const {
  return latents / std::sqrt(sigma() * sigma() + 1);
}

}  // namespace ella
