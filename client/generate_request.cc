#include "client/generate_request.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/input_files.h"
#include "image/image_metadata.h"
#include "image/png_codec.h"
#include "image/utf8.h"

namespace ella {
namespace {

absl::StatusOr<std::string> ReadPrompt(const std::string& path,
                                       std::istream& input) {
  absl::StatusOr<std::string> prompt =
      path == "-" ? ReadAll(input, "standard input") : ReadFile(path);
  if (!prompt.ok()) return prompt;
  return std::string(absl::StripSuffix(absl::StripSuffix(*prompt, "\n"), "\r"));
}

v1::Conditioning ToProto(Conditioning conditioning) {
  switch (conditioning) {
    case Conditioning::kElla:
      return v1::CONDITIONING_ELLA;
    case Conditioning::kEllaFixed:
      return v1::CONDITIONING_ELLA_FIXED;
    case Conditioning::kClip:
      break;
  }
  return v1::CONDITIONING_CLIP;
}

absl::StatusOr<PlannedRequest> FromPicture(const std::string& path) {
  absl::StatusOr<std::string> bytes = ReadFile(path);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<DecodedPng> png = DecodePng(*bytes);
  if (!png.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", png.status().message()));
  }
  absl::StatusOr<ImageMetadata> metadata = MetadataFromTexts(png->texts);
  if (!metadata.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " doesn't say how it was made: ", metadata.status().message()));
  }
  PlannedRequest planned;
  planned.request = RequestOf(metadata->params);
  planned.expected_fingerprint = metadata->model_fingerprint;
  return planned;
}

absl::Status SetConditioning(const GenerateOptions& options,
                             v1::GenerateRequest& request) {
  if (options.conditioning) {
    const absl::StatusOr<Conditioning> conditioning =
        ConditioningFromName(*options.conditioning);
    if (!conditioning.ok()) return conditioning.status();
    request.set_conditioning(ToProto(*conditioning));
    // No flag takes it back where --from had it and it doesn't fit any more.
    if (*conditioning != Conditioning::kElla) request.clear_fixed_negative();
  }
  if (options.fixed_negative) request.set_fixed_negative(true);
  return absl::OkStatus();
}

void SetPreview(const GenerateOptions& options, v1::GenerateRequest& request) {
  if (!options.preview_every) return;
  v1::PreviewOptions& preview = *request.mutable_preview();
  preview.set_every_steps(*options.preview_every);
  if (options.preview_kind) {
    preview.set_kind(*options.preview_kind == "vae" ? v1::PREVIEW_KIND_VAE
                                                    : v1::PREVIEW_KIND_RGB);
  }
}

void SetFlags(const GenerateOptions& options, v1::GenerateRequest& request) {
  if (options.prompt) request.set_prompt(*options.prompt);
  if (options.negative) request.set_negative_prompt(*options.negative);
  if (options.model) request.set_model(*options.model);
  if (options.sampler) request.set_sampler(*options.sampler);
  if (options.request_id) request.set_request_id(*options.request_id);
  if (options.steps) request.set_steps(*options.steps);
  if (options.guidance) request.set_guidance_scale(*options.guidance);
  if (options.width) request.set_width(*options.width);
  if (options.height) request.set_height(*options.height);
  if (options.seed) request.set_seed(static_cast<uint32_t>(*options.seed));
  if (options.count) request.set_num_images(*options.count);
  if (options.priority) request.set_priority(*options.priority);
}

}  // namespace

v1::GenerateRequest RequestOf(const GenerationParams& params) {
  v1::GenerateRequest request;
  request.set_model(params.model);
  request.set_prompt(params.prompt);
  request.set_negative_prompt(params.negative_prompt);
  request.set_conditioning(ToProto(params.conditioning));
  request.set_fixed_negative(params.fixed_negative);
  request.set_width(params.width);
  request.set_height(params.height);
  request.set_steps(params.steps);
  request.set_num_images(params.num_images);
  request.set_seed(params.seed);
  request.set_guidance_scale(params.guidance_scale);
  request.set_sampler(params.sampler);
  return request;
}

absl::Status CheckUtf8(const v1::GenerateRequest& request) {
  const std::pair<const char*, const std::string&> texts[] = {
      {"the prompt", request.prompt()},
      {"the negative prompt", request.negative_prompt()},
      {"the model's name", request.model()},
      {"the sampler's name", request.sampler()},
      {"the request id", request.request_id()},
  };
  for (const auto& [name, text] : texts) {
    if (!IsValidUtf8(text)) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is not UTF-8"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<PlannedRequest> PlanRequest(const GenerateOptions& options,
                                           std::istream& input) {
  PlannedRequest planned;
  if (options.from) {
    absl::StatusOr<PlannedRequest> from = FromPicture(*options.from);
    if (!from.ok()) return from.status();
    planned = *std::move(from);
  } else if (!options.prompt && !options.prompt_file) {
    return absl::InvalidArgumentError(
        "a PROMPT, --prompt-file or --from is required");
  }
  v1::GenerateRequest& request = planned.request;
  if (options.prompt_file) {
    absl::StatusOr<std::string> prompt =
        ReadPrompt(*options.prompt_file, input);
    if (!prompt.ok()) return prompt.status();
    request.set_prompt(*std::move(prompt));
  }
  SetFlags(options, request);
  SetPreview(options, request);
  absl::Status status = SetConditioning(options, request);
  status.Update(CheckUtf8(request));
  if (!status.ok()) return status;
  return planned;
}

}  // namespace ella
