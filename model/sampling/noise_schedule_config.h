// What a checkpoint's scheduler/scheduler_config.json says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ella {

// The noise that a model was trained on, and how its timesteps are picked.
// Fields are named as in the file. Defaults are what diffusers takes where the
// file is silent; the absent ones depend on the sampler.
struct NoiseScheduleConfig {
  int num_train_timesteps = 1000;
  std::string beta_schedule = "linear";  // or scaled_linear
  double beta_start = 0.0001;
  double beta_end = 0.02;
  // Where not empty, the betas, one a timestep, whatever the three above say.
  std::vector<float> trained_betas;

  // leading, trailing or linspace. Absent: leading for ddim and pndm, linspace
  // for the others.
  std::optional<std::string> timestep_spacing;
  int steps_offset = 0;  // added to leading timesteps

  bool skip_prk_steps = false;           // pndm needs true
  std::optional<bool> set_alpha_to_one;  // absent: true for ddim, else false
  bool clip_sample = true;               // of ddim only
  double clip_sample_range = 1;
};

// NotFound without the file. InvalidArgument, with the file's name and the
// field, for what is malformed or not supported: predictions other than
// epsilon, thresholding, rescale_betas_zero_snr, unknown schedules, and betas
// outside of 0 to 1.
absl::StatusOr<NoiseScheduleConfig> LoadNoiseSchedule(const std::string& path);

}  // namespace ella
