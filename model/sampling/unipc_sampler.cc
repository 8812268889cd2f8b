#include "model/sampling/unipc_sampler.h"

#include <cmath>
#include <utility>
#include <vector>

#include "model/sampling/data_prediction.h"
#include "model/sampling/timesteps.h"

namespace ella {
namespace {

class UnipcSampler final : public Sampler {
 public:
  explicit UnipcSampler(SigmaSchedule schedule)
      : Sampler(std::move(schedule.timesteps)),
        sigmas_(std::move(schedule.sigmas)) {}

 private:
  // Corrects the step before by the prediction at its end, then takes the next.
  // The prediction is not made again for the corrected latents.
  Advanced Advance(const at::Tensor& latents, const at::Tensor& eps,
                   at::Generator&) override {
    const at::Tensor x0 = PredictX0(latents, eps, sigmas_[call()]);
    at::Tensor corrected = call() > 0 ? Correct(x0) : latents;
    at::Tensor next = Predict(corrected, x0);
    start_ = std::move(corrected);
    previous_x0_ = denoised();
    return {std::move(next), x0};
  }

  ExponentialStep StepOf(int call) const {
    return {sigmas_[call], sigmas_[call + 1]};
  }
  bool IsSecondOrder(int call) const {
    return call > 0 && SecondOrderFits(StepOf(call), StepOf(call - 1));
  }

  at::Tensor Predict(const at::Tensor& latents, const at::Tensor& x0) const {
    const ExponentialStep step = StepOf(call());
    if (!IsSecondOrder(call())) return step.Apply(latents, x0);
    return SecondOrderStep(step, StepOf(call() - 1), latents, x0, denoised());
  }

  // The end of the last step: from start_, where denoised() was predicted, and
  // before that previous_x0_.
  at::Tensor Correct(const at::Tensor& x0_at_end) const {
    const int last = call() - 1;
    const ExponentialStep step = StepOf(last);
    const at::Tensor& x0 = denoised();
    const at::Tensor change = x0_at_end - x0;
    if (!IsSecondOrder(last)) return step.Apply(start_, x0 + change * 0.5);

    // The weights a of theorem 3.1: sum over m of r_m^(k-1) * a_m = b_k, where
    // r are the places of the two other predictions, -1 step being the end.
    const double r = -StepOf(last - 1).h / step.h;
    const double z = -step.h;
    const double phi1 = std::expm1(z);
    const double b1 = (phi1 / z - 1) / phi1;
    const double b2 = 2 * ((phi1 / z - 1) / z - 0.5) / phi1;
    const double a_before = (b1 - b2) / (1 - r);
    const double a_end = b1 - a_before;
    return step.Apply(
        start_, x0 + (previous_x0_ - x0) * (a_before / r) + change * a_end);
  }

  const std::vector<float> sigmas_;
  at::Tensor start_;        // corrected latents before the last step
  at::Tensor previous_x0_;  // the prediction before denoised()
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sampler>> CreateUnipcSampler(
    const NoiseSchedule& schedule, int steps) {
  auto sigmas = SpacedSigmas(schedule, steps, kSolverSpacing);
  if (!sigmas.ok()) return sigmas.status();
  return std::make_unique<UnipcSampler>(*std::move(sigmas));
}

}  // namespace ella
