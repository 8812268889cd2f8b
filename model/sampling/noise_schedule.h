// How much noise there is at each timestep.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/sampling/noise_schedule_config.h"

namespace ella {

// Latents at timestep t are sqrt(a) * x0 + sqrt(1 - a) * noise, a being
// alpha_cumprod(t); sigma = sqrt((1 - a) / a) is the noise for each unit of x0.
// Tables are computed in float32, as the model was trained. Immutable.
class NoiseSchedule {
 public:
  // InvalidArgument, with the field and its value, where one is out of range.
  static absl::StatusOr<NoiseSchedule> Create(
      const NoiseScheduleConfig& config);

  const NoiseScheduleConfig& config() const { return config_; }
  int num_timesteps() const { return config_.num_train_timesteps; }

  // From close to 1 at timestep 0 down to close to 0.
  const std::vector<float>& alphas_cumprod() const { return alphas_cumprod_; }
  // Ascending with the timestep.
  const std::vector<float>& sigmas() const { return sigmas_; }

  // The alpha_cumprod at a timestep, final_alpha before timestep 0.
  double AlphaCumprodAt(int timestep, double final_alpha) const;
  // What final_alpha is by set_alpha_to_one, or by a sampler's default for it.
  double FinalAlpha(bool default_set_alpha_to_one) const;

  // Sigma at a fractional timestep, linear between whole ones.
  double SigmaAt(double timestep) const;
  // The fractional timestep of a sigma, linear in its logarithm.
  double TimestepOf(double sigma) const;

 private:
  NoiseSchedule(NoiseScheduleConfig config, std::vector<float> alphas_cumprod,
                std::vector<float> sigmas)
      : config_(std::move(config)),
        alphas_cumprod_(std::move(alphas_cumprod)),
        sigmas_(std::move(sigmas)) {}

  NoiseScheduleConfig config_;
  std::vector<float> alphas_cumprod_;
  std::vector<float> sigmas_;
};

}  // namespace ella
