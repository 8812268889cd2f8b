#include "model/sampling/dpmpp_2m_sampler.h"

#include <utility>
#include <vector>

#include "model/sampling/data_prediction.h"
#include "model/sampling/timesteps.h"

namespace ella {
namespace {

class Dpmpp2mSampler final : public Sampler {
 public:
  explicit Dpmpp2mSampler(SigmaSchedule schedule)
      : Sampler(std::move(schedule.timesteps)),
        sigmas_(std::move(schedule.sigmas)) {}

 private:
  Advanced Advance(const at::Tensor& latents, const at::Tensor& eps,
                   at::Generator&) override {
    const at::Tensor x0 = PredictX0(latents, eps, sigmas_[call()]);
    const ExponentialStep step(sigmas_[call()], sigmas_[call() + 1]);
    if (call() > 0) {
      const ExponentialStep previous(sigmas_[call() - 1], sigmas_[call()]);
      if (SecondOrderFits(step, previous)) {
        return {SecondOrderStep(step, previous, latents, x0, denoised()), x0};
      }
    }
    return {step.Apply(latents, x0), x0};
  }

  const std::vector<float> sigmas_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sampler>> CreateDpmpp2mSampler(
    const NoiseSchedule& schedule, int steps) {
  auto sigmas = SpacedSigmas(schedule, steps, kSolverSpacing);
  if (!sigmas.ok()) return sigmas.status();
  return std::make_unique<Dpmpp2mSampler>(*std::move(sigmas));
}

absl::StatusOr<std::unique_ptr<Sampler>> CreateDpmpp2mKarrasSampler(
    const NoiseSchedule& schedule, int steps) {
  return std::make_unique<Dpmpp2mSampler>(KarrasSigmas(schedule, steps));
}

}  // namespace ella
