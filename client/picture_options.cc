#include "client/picture_options.h"

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/common_options.h"
#include "client/generate_request.h"
#include "client/server_access_options.h"
#include "image/image_metadata.h"

namespace ella {
namespace {

// Of the reference's test.
constexpr uint32_t kSeed = 1001;

}  // namespace

void AddPictureOptions(CLI::App* app, PictureOptions* options) {
  AddServerOptions(app, &options->server);
  app->add_option("--model", options->model,
                  "One of `ella models` (the server's first)")
      ->type_name("NAME");
  app->add_option("--negative", options->negative, "What not to draw")
      ->type_name("TEXT");
  app->add_flag("--fixed-negative", options->fixed_negative,
                "With ella, the negative prompt on 128 tokens");
  AddNumberOption(app, "--steps", &options->steps, "Denoising steps");
  AddNumberOption(app, "--guidance", &options->guidance,
                  "Guidance scale, 0 to 100; at most 1: none");
  app->add_option("--sampler", options->sampler,
                  "One of `ella models` (the model's)")
      ->type_name("NAME");
  AddSizeOption(app, &options->width, &options->height);
  AddNumberOption(
      app, "--seed", &options->seed,
      absl::StrCat("Of each prompt's first image, modulo 2^32 (", kSeed, ")"));
  app->add_option("--in-flight", options->in_flight,
                  "Requests at a time, for the server to batch")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  AddTimeoutOption(app, &options->timeout_s);
  app->add_flag("--json", options->json,
                "Print one JSON object, and nothing else");
}

absl::Status CheckTexts(const PictureOptions& options) {
  v1::GenerateRequest request;
  request.set_model(options.model.value_or(""));
  request.set_negative_prompt(options.negative.value_or(""));
  request.set_sampler(options.sampler.value_or(""));
  return CheckUtf8(request);
}

absl::StatusOr<PictureSettings> ResolveSettings(
    const PictureOptions& options, const v1::ListModelsResponse& models) {
  const std::string wanted = options.model.value_or("");
  for (const v1::Model& model : models.models()) {
    if (!wanted.empty() && model.name() != wanted) continue;
    const v1::Defaults& defaults = model.defaults();
    PictureSettings settings;
    settings.model_fingerprint = model.fingerprint();
    GenerationParams& params = settings.params;
    params.model = model.name();
    params.negative_prompt = options.negative.value_or("");
    params.fixed_negative = options.fixed_negative;
    params.width = options.width.value_or(defaults.width());
    params.height = options.height.value_or(defaults.height());
    params.steps = options.steps.value_or(defaults.steps());
    params.guidance_scale =
        options.guidance.value_or(defaults.guidance_scale());
    params.sampler = options.sampler.value_or(defaults.sampler());
    params.seed = static_cast<uint32_t>(options.seed.value_or(kSeed));
    return settings;
  }
  return absl::NotFoundError(absl::StrCat("the server has no model ", wanted));
}

std::vector<PngText> SettingsTexts(const PictureSettings& settings) {
  std::vector<PngText> texts = MetadataToTexts(
      {settings.params, settings.model_fingerprint, /*version=*/""});
  std::erase_if(texts, [](const PngText& text) {
    return text.key == "version" || text.key == "parameters";
  });
  return texts;
}

}  // namespace ella
