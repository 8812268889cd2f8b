#include "model/sampling/noise_schedule.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ella {
namespace {

constexpr int kMaxTrainTimesteps = 100'000;

template <typename T>
absl::Status Refuse(const char* field, const char* must, const T& value) {
  return absl::InvalidArgumentError(
      absl::StrCat(field, " must be ", must, ", was ", value));
}

bool IsBeta(double beta) { return beta > 0 && beta < 1; }

absl::Status CheckBetas(const NoiseScheduleConfig& config) {
  if (!config.trained_betas.empty()) {
    if (static_cast<int>(config.trained_betas.size()) !=
        config.num_train_timesteps) {
      return Refuse("the length of trained_betas", "num_train_timesteps",
                    config.trained_betas.size());
    }
    for (const float beta : config.trained_betas) {
      if (!IsBeta(beta)) {
        return Refuse("trained_betas", "between 0 and 1", beta);
      }
    }
    return absl::OkStatus();
  }
  if (config.beta_schedule != "linear" &&
      config.beta_schedule != "scaled_linear") {
    return Refuse("beta_schedule", "linear or scaled_linear",
                  config.beta_schedule);
  }
  if (!IsBeta(config.beta_start)) {
    return Refuse("beta_start", "between 0 and 1", config.beta_start);
  }
  if (!IsBeta(config.beta_end)) {
    return Refuse("beta_end", "between 0 and 1", config.beta_end);
  }
  return absl::OkStatus();
}

absl::Status Check(const NoiseScheduleConfig& config) {
  if (config.num_train_timesteps < 1 ||
      config.num_train_timesteps > kMaxTrainTimesteps) {
    return Refuse("num_train_timesteps", "from 1 to 100000",
                  config.num_train_timesteps);
  }
  if (config.steps_offset < 0 ||
      config.steps_offset >= config.num_train_timesteps) {
    return Refuse("steps_offset", "from 0 to below num_train_timesteps",
                  config.steps_offset);
  }
  const auto& spacing = config.timestep_spacing;
  if (spacing.has_value() && *spacing != "leading" && *spacing != "trailing" &&
      *spacing != "linspace") {
    return Refuse("timestep_spacing", "leading, trailing or linspace",
                  *spacing);
  }
  if (!(config.clip_sample_range > 0)) {
    return Refuse("clip_sample_range", "above 0", config.clip_sample_range);
  }
  return CheckBetas(config);
}

at::Tensor Betas(const NoiseScheduleConfig& config) {
  const int64_t n = config.num_train_timesteps;
  if (!config.trained_betas.empty()) return at::tensor(config.trained_betas);
  if (config.beta_schedule == "linear") {
    return at::linspace(config.beta_start, config.beta_end, n, at::kFloat);
  }
  return at::linspace(std::sqrt(config.beta_start), std::sqrt(config.beta_end),
                      n, at::kFloat)
      .square();
}

std::vector<float> ToVector(const at::Tensor& tensor) {
  const float* data = tensor.const_data_ptr<float>();
  return std::vector<float>(data, data + tensor.numel());
}

}  // namespace

absl::StatusOr<NoiseSchedule> NoiseSchedule::Create(
    const NoiseScheduleConfig& config) {
  if (absl::Status status = Check(config); !status.ok()) return status;
  const at::Tensor alphas_cumprod = (1 - Betas(config)).cumprod(0);
  const at::Tensor sigmas = ((1 - alphas_cumprod) / alphas_cumprod).sqrt();
  NoiseSchedule schedule(config, ToVector(alphas_cumprod), ToVector(sigmas));
  if (schedule.sigmas_.front() == 0) {
    return absl::InvalidArgumentError(
        "the betas are too small: there is no noise at timestep 0");
  }
  if (!std::isfinite(schedule.sigmas_.back())) {
    return absl::InvalidArgumentError(
        "the betas are too large: nothing but noise at the last timestep");
  }
  return schedule;
}

double NoiseSchedule::AlphaCumprodAt(int timestep, double final_alpha) const {
  if (timestep < 0) return final_alpha;
  return alphas_cumprod_[std::min(timestep, num_timesteps() - 1)];
}

double NoiseSchedule::FinalAlpha(bool default_set_alpha_to_one) const {
  return config_.set_alpha_to_one.value_or(default_set_alpha_to_one)
             ? 1.0
             : alphas_cumprod_.front();
}

double NoiseSchedule::SigmaAt(double timestep) const {
  const int below = static_cast<int>(timestep);
  if (below >= num_timesteps() - 1) return sigmas_.back();
  const double low = sigmas_[below];
  const double high = sigmas_[below + 1];
  return low + (high - low) * (timestep - below);
}

double NoiseSchedule::TimestepOf(double sigma) const {
  const auto above = std::upper_bound(sigmas_.begin(), sigmas_.end(), sigma);
  if (above == sigmas_.begin()) return 0;
  if (above == sigmas_.end()) return num_timesteps() - 1;
  const double low = std::log(static_cast<double>(*(above - 1)));
  const double high = std::log(static_cast<double>(*above));
  const double below = static_cast<double>(above - sigmas_.begin() - 1);
  return below + (std::log(sigma) - low) / (high - low);
}

}  // namespace ella
