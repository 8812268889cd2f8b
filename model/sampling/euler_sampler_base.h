// What the Euler samplers share.
#pragma once

#include <vector>

#include "model/sampling/sampler.h"
#include "model/sampling/timesteps.h"

namespace ella {

// Latents are x0 + sigma * noise; the UNet is given them at unit variance.
class EulerSamplerBase : public Sampler {
 public:
  EulerSamplerBase(const NoiseSchedule& schedule, SigmaSchedule sigmas);

  float init_noise_sigma() const final { return init_noise_sigma_; }
  at::Tensor ScaleInput(const at::Tensor& latents) const final;

 protected:
  // Before and after the current call.
  double sigma() const { return sigmas_[call()]; }
  double next_sigma() const { return sigmas_[call() + 1]; }

 private:
  const std::vector<float> sigmas_;
  const float init_noise_sigma_;
};

}  // namespace ella
