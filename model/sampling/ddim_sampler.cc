#include "model/sampling/ddim_sampler.h"

#include <cmath>
#include <utility>
#include <vector>

#include "model/sampling/timesteps.h"

namespace ella {
namespace {

class DdimSampler final : public Sampler {
 public:
  DdimSampler(const NoiseSchedule& schedule, std::vector<float> timesteps)
      : Sampler(std::move(timesteps)),
        clip_sample_(schedule.config().clip_sample),
        clip_sample_range_(schedule.config().clip_sample_range) {
    const int stride = schedule.num_timesteps() / num_calls();
    const double final_alpha = schedule.FinalAlpha(true);
    for (int i = 0; i < num_calls(); ++i) {
      const int t = static_cast<int>(timestep(i));
      alphas_.emplace_back(schedule.AlphaCumprodAt(t, final_alpha),
                           schedule.AlphaCumprodAt(t - stride, final_alpha));
    }
  }

 private:
  Advanced Advance(const at::Tensor& latents, const at::Tensor& eps,
                   at::Generator&) override {
    const auto [from, to] = alphas_[call()];
    at::Tensor x0 = (latents - eps * std::sqrt(1 - from)) / std::sqrt(from);
    if (clip_sample_) x0 = x0.clamp(-clip_sample_range_, clip_sample_range_);
    return {x0 * std::sqrt(to) + eps * std::sqrt(1 - to), x0};
  }

  const bool clip_sample_;
  const double clip_sample_range_;
  // The alpha_cumprod before and after each call.
  std::vector<std::pair<double, double>> alphas_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sampler>> CreateDdimSampler(
    const NoiseSchedule& schedule, int steps) {
  auto timesteps = SpacedTimesteps(schedule, steps, kDdimSpacing);
  if (!timesteps.ok()) return timesteps.status();
  return std::make_unique<DdimSampler>(schedule, *std::move(timesteps));
}

}  // namespace ella
