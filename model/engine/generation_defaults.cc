#include "model/engine/generation_defaults.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "model/weights/json_config.h"

namespace ella {
namespace {

constexpr char kGuidanceKey[] = "default_guidance_scale";
constexpr int kMaxSteps = 1000;
constexpr double kMaxGuidance = 100;

}  // namespace

absl::StatusOr<GenerationDefaults> GenerationDefaults::Load(
    const std::string& config_path) {
  GenerationDefaults defaults;
  if (!std::filesystem::exists(config_path)) return defaults;
  absl::StatusOr<JsonConfig> json = JsonConfig::Open(config_path);
  if (!json.ok()) return json.status();
  const int64_t steps = json->SizeOr("default_steps", defaults.steps);
  if (steps > kMaxSteps) {
    json->Complain(absl::StrCat("default_steps is above ", kMaxSteps));
  }
  const double guidance = json->NumberOr(kGuidanceKey, defaults.guidance_scale);
  if (!(guidance >= 0 && guidance <= kMaxGuidance)) {
    json->Complain(absl::StrCat(kGuidanceKey, " is not 0 to ", kMaxGuidance));
  }
  if (!json->status().ok()) return json->status();
  defaults.steps = static_cast<int>(steps);
  defaults.guidance_scale = guidance;
  return defaults;
}

}  // namespace ella
