// What SD1.5's scheduler_config.json says.
#pragma once

#include "model/sampling/noise_schedule_config.h"

namespace ella {

inline NoiseScheduleConfig Sd15() {
  NoiseScheduleConfig config;
  config.beta_schedule = "scaled_linear";
  config.beta_start = 0.00085;
  config.beta_end = 0.012;
  config.steps_offset = 1;
  config.skip_prk_steps = true;
  config.set_alpha_to_one = false;
  config.clip_sample = false;
  return config;
}

}  // namespace ella
