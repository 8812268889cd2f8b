#include "model/engine/ella_engine.h"

#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/engine/ella_row.h"
#include "model/engine/torch_status.h"
#include "model/engine/unet_batch.h"
#include "model/sampling/noise.h"

namespace ella {
namespace {

RgbImage ToImage(const at::Tensor& pixels) {  // [H, W, 3] uint8, on the CPU
  RgbImage image;
  image.height = static_cast<int>(pixels.size(0));
  image.width = static_cast<int>(pixels.size(1));
  image.pixels.resize(pixels.numel());
  std::memcpy(image.pixels.data(), pixels.const_data_ptr<uint8_t>(),
              image.pixels.size());
  return image;
}

// ids as [1, T] int64
at::Tensor AsBatch(const std::vector<int64_t>& ids, at::Device device) {
  return at::tensor(ids).unsqueeze(0).to(device);
}

ModelInfo Describe(const std::string& name, const LoadedModel& model,
                   const ComputePlan& plan) {
  ModelInfo info;
  info.name = name;
  info.fingerprint = model.fingerprint;
  info.device = plan.DeviceText();
  info.dtype = plan.DtypeText();
  info.t5_dtype = plan.T5Text();
  info.samplers = SamplerNames();
  info.latent_scale = static_cast<int>(model.vae_config.scale());
  info.default_width = info.default_height =
      static_cast<int>(model.unet_config.sample_size) * info.latent_scale;
  return info;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> CreateEngine(
    const EngineOptions& options) {
  return EllaEngine::Create(options);
}

absl::StatusOr<std::unique_ptr<Engine>> EllaEngine::Create(
    const EngineOptions& options) {
  using Result = absl::StatusOr<std::unique_ptr<Engine>>;
  const absl::StatusOr<ModelFiles> files = FindModelFiles(options.model);
  if (!files.ok()) return files.status();
  return CatchTorch([&]() -> Result {
    const c10::InferenceMode guard;
    const absl::StatusOr<ComputePlan> plan = PlanCompute(options);
    if (!plan.ok()) return plan.status();
    absl::StatusOr<LoadedModel> model = LoadModel(*files, *plan);
    if (!model.ok()) return model.status();
    ModelInfo info = Describe(options.name, *model, *plan);
    // Fitting the previews warms the VAE up.
    return std::unique_ptr<Engine>(
        new EllaEngine(std::move(info), *std::move(model), *plan));
  });
}

EllaEngine::EllaEngine(ModelInfo info, LoadedModel model,
                       const ComputePlan& plan)
    : info_(std::move(info)),
      model_(std::move(model)),
      plan_(plan),
      preview_decoder_(*model_.vae, model_.vae_config, plan.device,
                       plan.dtype) {}

absl::StatusOr<TokenizedText> EllaEngine::Tokenize(const Text& text) const {
  if (text.mode == TokenMode::kClip) {
    return model_.clip_tokenizer->Encode(text.text);
  }
  return model_.t5_tokenizer->Encode(text.text, text.mode);
}

absl::StatusOr<TokenCount> EllaEngine::CountTokens(const Text& text) const {
  const absl::StatusOr<TokenizedText> tokens = Tokenize(text);
  if (!tokens.ok()) return tokens.status();
  return tokens->count;
}

std::vector<absl::StatusOr<EncodingPtr>> EllaEngine::Encode(
    absl::Span<const Text> texts) {
  std::vector<absl::StatusOr<EncodingPtr>> encodings;
  for (const Text& text : texts) {
    encodings.push_back(CatchTorch([&] { return EncodeOne(text); }));
  }
  return encodings;
}

absl::StatusOr<EncodingPtr> EllaEngine::EncodeOne(const Text& text) const {
  const c10::InferenceMode guard;
  const absl::StatusOr<TokenizedText> tokens = Tokenize(text);
  if (!tokens.ok()) return tokens.status();
  const at::Tensor ids = AsBatch(tokens->ids, plan_.device);
  at::Tensor features;
  if (text.mode == TokenMode::kClip) {
    features = model_.clip->forward(ids);
  } else {
    std::optional<at::Tensor> mask;
    if (text.mode == TokenMode::kT5Fixed) {
      mask = AsBatch(tokens->mask, plan_.device);
    }
    features = model_.t5->forward(ids, mask, plan_.t5_compute).to(plan_.dtype);
  }
  return std::make_shared<const EllaEncoding>(text.mode, tokens->count,
                                              std::move(features));
}

absl::StatusOr<std::unique_ptr<Row>> EllaEngine::Start(
    const RowParams& params) {
  using Result = absl::StatusOr<std::unique_ptr<Row>>;
  const int scale = info_.latent_scale;
  if (params.width <= 0 || params.height <= 0 || params.width % scale != 0 ||
      params.height % scale != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("width and height must be multiples of ", scale, ", were ",
                     params.width, "x", params.height));
  }
  if (params.prompt == nullptr ||
      (params.negative == nullptr) != (params.guidance_scale <= 1)) {
    return absl::InvalidArgumentError(
        "a row needs a prompt, and a negative one with guidance only");
  }
  return CatchTorch([&]() -> Result {
    const c10::InferenceMode guard;
    absl::StatusOr<std::unique_ptr<Sampler>> sampler =
        CreateSampler(params.sampler, model_.schedule, params.steps);
    if (!sampler.ok()) return sampler.status();
    BatchKey key = {info_.name, params.height / scale, params.width / scale};
    at::Generator generator = CreateGenerator(params.seed);
    at::Tensor latents = DrawNoise({1, model_.unet_config.in_channels,
                                    key.latent_height, key.latent_width},
                                   generator)
                             .to(plan_.device) *
                         (*sampler)->init_noise_sigma();
    return std::make_unique<EllaRow>(std::move(key), params,
                                     *std::move(sampler), std::move(generator),
                                     std::move(latents));
  });
}

std::vector<absl::Status> EllaEngine::Step(absl::Span<Row* const> rows) {
  const c10::InferenceMode guard;
  std::vector<EllaRow*> ella_rows;
  for (Row* row : rows) ella_rows.push_back(static_cast<EllaRow*>(row));
  std::vector<at::Tensor> noise;
  const absl::Status predicted = CatchTorch([&] {
    noise = PredictNoise(model_, plan_, ella_rows);
    return absl::OkStatus();
  });
  std::vector<absl::Status> statuses(rows.size(), predicted);
  if (!predicted.ok()) return statuses;
  for (size_t i = 0; i < rows.size(); ++i) {
    statuses[i] = CatchTorch([&] {
      ella_rows[i]->Advance(noise[i]);
      return absl::OkStatus();
    });
  }
  return statuses;
}

at::Tensor EllaEngine::DecodeLatents(const at::Tensor& latents) const {
  return model_.vae->forward(
      (latents / model_.vae_config.scaling_factor).to(plan_.dtype));
}

absl::StatusOr<RgbImage> EllaEngine::Preview(const Row& row, PreviewKind kind,
                                             int max_side) {
  return CatchTorch([&]() -> absl::StatusOr<RgbImage> {
    const c10::InferenceMode guard;
    const at::Tensor& latents = static_cast<const EllaRow&>(row).denoised();
    if (!latents.defined()) {
      return absl::FailedPreconditionError("no step is done yet");
    }
    const at::Tensor decoded =
        kind == PreviewKind::kVae
            ? DecodeLatents(latents)
            : preview_decoder_.forward(latents /
                                       model_.vae_config.scaling_factor);
    return ToImage(
        ToPixels(LimitSide(decoded.to(at::kFloat), max_side)).squeeze(0));
  });
}

std::vector<absl::StatusOr<RgbImage>> EllaEngine::Decode(
    absl::Span<Row* const> rows) {
  const c10::InferenceMode guard;
  at::Tensor pixels, finite;
  const absl::Status decoded = CatchTorch([&] {
    std::vector<at::Tensor> latents;
    for (const Row* row : rows) {
      latents.push_back(static_cast<const EllaRow*>(row)->latents());
    }
    const at::Tensor batch = at::cat(latents);
    finite = at::isfinite(batch).flatten(1).all(1).cpu();
    pixels = ToPixels(DecodeLatents(batch));
    return absl::OkStatus();
  });
  std::vector<absl::StatusOr<RgbImage>> images;
  for (int64_t i = 0; i < static_cast<int64_t>(rows.size()); ++i) {
    if (!decoded.ok()) {
      images.push_back(decoded);
    } else if (!finite[i].item<bool>()) {
      images.push_back(absl::InternalError(
          "the latents are not finite: the model overflowed"));
    } else {
      images.push_back(ToImage(pixels[i]));
    }
  }
  return images;
}

}  // namespace ella
