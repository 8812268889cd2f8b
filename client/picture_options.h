// The flags of the verbs that draw many prompts with the same settings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/server_access.h"
#include "ella/v1/text_to_image.pb.h"
#include "image/png_codec.h"
#include "model/api/types.h"

namespace CLI {
class App;
}

namespace ella {

// What was not given stays empty; the server knows its limits.
struct PictureOptions {
  ServerAccess server;
  std::optional<std::string> model;
  std::optional<std::string> negative;
  bool fixed_negative = false;
  std::optional<uint32_t> steps;
  std::optional<float> guidance;
  std::optional<std::string> sampler;
  std::optional<uint32_t> width;   // pixels
  std::optional<uint32_t> height;  // pixels
  std::optional<uint64_t> seed;    // modulo 2^32; the reference test's if none
  uint32_t in_flight = 8;          // requests
  double timeout_s = 600;          // of a request and all its tries
  bool json = false;
};

// Parsing `app` fills *options, which outlives it.
void AddPictureOptions(CLI::App* app, PictureOptions* options);

// InvalidArgument naming the flag's text that isn't UTF-8.
absl::Status CheckTexts(const PictureOptions& options);

// Settings with nothing left to the server, so that they can be recorded.
struct PictureSettings {
  GenerationParams params;  // without a prompt
  std::string model_fingerprint;
};

// The model's defaults count for what was not given. NotFound where the server
// has no such model.
absl::StatusOr<PictureSettings> ResolveSettings(
    const PictureOptions& options, const v1::ListModelsResponse& models);

// What a grid of such pictures says of itself; the keys are those of a picture.
std::vector<PngText> SettingsTexts(const PictureSettings& settings);

}  // namespace ella
