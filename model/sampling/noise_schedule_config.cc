#include "model/sampling/noise_schedule_config.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/sampling/noise_schedule.h"
#include "model/weights/json_config.h"

namespace ella {
namespace {

std::optional<std::string> String(JsonConfig& file, const std::string& key) {
  if (!file.Has(key)) return std::nullopt;
  const nlohmann::json& value = file.json().at(key);
  if (!value.is_string()) {
    file.Complain(absl::StrCat(key, " is not a string"));
    return std::nullopt;
  }
  return value.get<std::string>();
}

int Int(JsonConfig& file, const std::string& key, int otherwise) {
  const double value = file.NumberOr(key, otherwise);
  if (value != std::floor(value) || std::abs(value) > 1e6) {
    file.Complain(absl::StrCat(key, " is not a whole number up to a million"));
    return otherwise;
  }
  return static_cast<int>(value);
}

std::vector<float> Floats(JsonConfig& file, const std::string& key) {
  std::vector<float> floats;
  if (!file.Has(key)) return floats;
  const nlohmann::json& list = file.json().at(key);
  if (!list.is_array() || list.empty()) {
    file.Complain(absl::StrCat(key, " is not a list of numbers"));
    return floats;
  }
  for (const nlohmann::json& value : list) {
    if (!value.is_number()) {
      file.Complain(absl::StrCat(key, " holds what is not a number"));
      return floats;
    }
    floats.push_back(value.get<float>());
  }
  return floats;
}

void RefuseUnsupported(JsonConfig& file) {
  const auto prediction = String(file, "prediction_type");
  if (prediction.has_value() && *prediction != "epsilon") {
    file.Complain(absl::StrCat("prediction_type ", *prediction,
                               " is not supported, must be epsilon: no file "
                               "conversion changes what a UNet predicts, so "
                               "take Stable Diffusion 1.5, or a checkpoint "
                               "fine-tuned from it on epsilon"));
  }
  for (const char* key : {"thresholding", "rescale_betas_zero_snr"}) {
    if (file.BoolOr(key, false)) {
      file.Complain(absl::StrCat(key, " is not supported, must be false"));
    }
  }
}

}  // namespace

absl::StatusOr<NoiseScheduleConfig> LoadNoiseSchedule(const std::string& path) {
  absl::StatusOr<JsonConfig> opened = JsonConfig::Open(path);
  if (!opened.ok()) return opened.status();
  JsonConfig& file = *opened;
  RefuseUnsupported(file);

  NoiseScheduleConfig config;
  config.num_train_timesteps =
      Int(file, "num_train_timesteps", config.num_train_timesteps);
  config.beta_schedule =
      String(file, "beta_schedule").value_or(config.beta_schedule);
  config.beta_start = file.NumberOr("beta_start", config.beta_start);
  config.beta_end = file.NumberOr("beta_end", config.beta_end);
  config.trained_betas = Floats(file, "trained_betas");
  config.timestep_spacing = String(file, "timestep_spacing");
  config.steps_offset = Int(file, "steps_offset", config.steps_offset);
  config.skip_prk_steps = file.BoolOr("skip_prk_steps", config.skip_prk_steps);
  if (file.Has("set_alpha_to_one")) {
    config.set_alpha_to_one = file.BoolOr("set_alpha_to_one", false);
  }
  config.clip_sample = file.BoolOr("clip_sample", config.clip_sample);
  config.clip_sample_range =
      file.NumberOr("clip_sample_range", config.clip_sample_range);

  const auto schedule = NoiseSchedule::Create(config);
  if (!schedule.ok()) file.Complain(std::string(schedule.status().message()));
  if (!file.status().ok()) return file.status();
  return config;
}

}  // namespace ella
