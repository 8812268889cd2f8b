#include "model/sampling/pndm_sampler.h"

#include <cmath>
#include <deque>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "model/sampling/timesteps.h"

namespace ella {
namespace {

struct AlphaRange {
  double at;    // where eps was predicted
  double from;  // where the step starts
  double to;    // where it ends
};

at::Tensor X0(const at::Tensor& latents, const at::Tensor& eps, double alpha) {
  return (latents - eps * std::sqrt(1 - alpha)) / std::sqrt(alpha);
}

// The paper's transfer part, which is a DDIM step.
at::Tensor Transfer(const at::Tensor& latents, const at::Tensor& eps,
                    const AlphaRange& alpha) {
  return X0(latents, eps, alpha.from) * std::sqrt(alpha.to) +
         eps * std::sqrt(1 - alpha.to);
}

class PndmSampler final : public Sampler {
 public:
  // timesteps: the second one is there twice, if there are two.
  PndmSampler(const NoiseSchedule& schedule, int steps,
              std::vector<float> timesteps)
      : Sampler(std::move(timesteps)) {
    const int stride = schedule.num_timesteps() / steps;
    const double final_alpha = schedule.FinalAlpha(false);
    for (int i = 0; i < num_calls(); ++i) {
      const int t = static_cast<int>(timestep(i));
      const int from = i == 1 ? t + stride : t;
      alphas_.push_back({schedule.AlphaCumprodAt(t, final_alpha),
                         schedule.AlphaCumprodAt(from, final_alpha),
                         schedule.AlphaCumprodAt(from - stride, final_alpha)});
    }
  }

 private:
  // Call 0 is an Euler step. Call 1 does that step again, by the mean of the
  // eps at its start and end. The others are Adams-Bashforth steps of orders 2,
  // 3 and then 4, for which the eps of call 1 does not count.
  Advanced Advance(const at::Tensor& latents, const at::Tensor& eps,
                   at::Generator&) override {
    const AlphaRange& alpha = alphas_[call()];
    at::Tensor x0 = X0(latents, eps, alpha.at);
    if (call() == 1) {
      const at::Tensor mean = (eps + history_.front()) * 0.5;
      const at::Tensor start = std::exchange(first_latents_, {});
      return {Transfer(start, mean, alpha), x0};
    }
    if (call() == 0) first_latents_ = latents;
    history_.push_front(eps);
    if (history_.size() > 4) history_.pop_back();
    return {Transfer(latents, Combined(), alpha), x0};
  }

  // The paper's linear multistep method, and its lower orders.
  at::Tensor Combined() const {
    static constexpr double kWeights[4][4] = {
        {1},
        {3. / 2, -1. / 2},
        {23. / 12, -16. / 12, 5. / 12},
        {55. / 24, -59. / 24, 37. / 24, -9. / 24}};
    const size_t order = history_.size();
    at::Tensor sum = history_[0] * kWeights[order - 1][0];
    for (size_t i = 1; i < order; ++i) {
      sum = sum + history_[i] * kWeights[order - 1][i];
    }
    return sum;
  }

  std::vector<AlphaRange> alphas_;
  std::deque<at::Tensor> history_;  // eps, the latest first
  at::Tensor first_latents_;        // between calls 0 and 1
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sampler>> CreatePndmSampler(
    const NoiseSchedule& schedule, int steps) {
  if (!schedule.config().skip_prk_steps) {
    return absl::InvalidArgumentError(
        "sampler pndm needs skip_prk_steps true in the model's scheduler "
        "config, was false");
  }
  auto timesteps = SpacedTimesteps(schedule, steps, kDdimSpacing);
  if (!timesteps.ok()) return timesteps.status();
  if (steps > 1) timesteps->insert(timesteps->begin() + 1, (*timesteps)[1]);
  return std::make_unique<PndmSampler>(schedule, steps, *std::move(timesteps));
}

}  // namespace ella
