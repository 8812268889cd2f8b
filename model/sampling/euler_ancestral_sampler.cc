#include "model/sampling/euler_ancestral_sampler.h"

#include <cmath>
#include <utility>

#include "model/sampling/euler_sampler_base.h"
#include "model/sampling/noise.h"

namespace ella {
namespace {

class EulerAncestralSampler final : public EulerSamplerBase {
 public:
  using EulerSamplerBase::EulerSamplerBase;

 private:
  // The variance of the next sigma is that of the Euler step's end, down, and
  // of the new noise, up.
  Advanced Advance(const at::Tensor& latents, const at::Tensor& eps,
                   at::Generator& generator) override {
    const double ratio = next_sigma() / sigma();
    const double down = next_sigma() * ratio;
    const double up = next_sigma() * std::sqrt(1 - ratio * ratio);
    const at::Tensor noise =
        DrawNoise(latents.sizes(), generator)
            .to(latents.device(), at::kFloat, /*non_blocking=*/true);
    return {latents + eps * (down - sigma()) + noise * up,
            latents - eps * sigma()};
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sampler>> CreateEulerAncestralSampler(
    const NoiseSchedule& schedule, int steps) {
  auto sigmas = SpacedSigmas(schedule, steps, kEulerSpacing);
  if (!sigmas.ok()) return sigmas.status();
  return std::make_unique<EulerAncestralSampler>(schedule, *std::move(sigmas));
}

}  // namespace ella
