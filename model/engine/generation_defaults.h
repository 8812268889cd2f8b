#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace ella {

// What a request gets that doesn't say; a model may have numbers of its own.
struct GenerationDefaults {
  int steps = 25;
  double guidance_scale = 10;

  // From `default_steps` and `default_guidance_scale` of the config.json beside
  // the connector; the file and its keys are optional. InvalidArgument where
  // one is no such number.
  static absl::StatusOr<GenerationDefaults> Load(
      const std::string& config_path);
};

}  // namespace ella
