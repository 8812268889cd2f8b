#include "model/sampling/euler_sampler.h"

#include <utility>

#include "model/sampling/euler_sampler_base.h"

namespace ella {
namespace {

class EulerSampler final : public EulerSamplerBase {
 public:
  using EulerSamplerBase::EulerSamplerBase;

 private:
  Advanced Advance(const at::Tensor& latents, const at::Tensor& eps,
                   at::Generator&) override {
    return {latents + eps * (next_sigma() - sigma()), latents - eps * sigma()};
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sampler>> CreateEulerSampler(
    const NoiseSchedule& schedule, int steps) {
  auto sigmas = SpacedSigmas(schedule, steps, kEulerSpacing);
  if (!sigmas.ok()) return sigmas.status();
  return std::make_unique<EulerSampler>(schedule, *std::move(sigmas));
}

}  // namespace ella
