#include "model/engine/ella_engine.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/engine/torch_status.h"
#include "model/engine/unet_batch.h"
#include "model/runtime/memory.h"
#include "model/sampling/noise.h"

namespace ella {
namespace {

// Latents that are decoded at once: those of one 512x512 picture. More would
// make slices longer and take more memory, about 1 GiB in float32 for these,
// and save next to nothing.
constexpr int64_t kMaxLatentsAtOnce = 64 * 64;

constexpr int64_t kMebibyte = 1 << 20;

ModelInfo Describe(const std::string& name, const LoadedModel& model,
                   const ComputePlan& plan) {
  ModelInfo info;
  info.name = name;
  info.fingerprint = model.fingerprint;
  info.weight_bytes = model.weight_bytes;
  info.device = plan.DeviceText();
  info.dtype = plan.DtypeText();
  info.t5_dtype = plan.T5Text();
  info.samplers = SamplerNames();
  info.latent_scale = static_cast<int>(model.vae_config.scale());
  info.default_width = info.default_height =
      static_cast<int>(model.unet_config.sample_size) * info.latent_scale;
  info.default_steps = model.defaults.steps;
  info.default_guidance_scale =
      static_cast<float>(model.defaults.guidance_scale);
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
  if (options.text_cache_mb < 0 || options.connector_cache_mb < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the caches' sizes must not be negative, were ", options.text_cache_mb,
        " and ", options.connector_cache_mb, " MiB"));
  }
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
        new EllaEngine(options, std::move(info), *std::move(model), *plan));
  });
}

EllaEngine::EllaEngine(const EngineOptions& options, ModelInfo info,
                       LoadedModel model, const ComputePlan& plan)
    : info_(std::move(info)),
      model_(std::move(model)),
      plan_(plan),
      batch_invariant_(options.batch_invariant),
      text_conditioner_(&model_, plan, options.text_cache_mb * kMebibyte),
      connector_cache_(model_.connector.get(),
                       options.connector_cache_mb * kMebibyte),
      preview_decoder_(*model_.vae, model_.vae_config, plan.device,
                       plan.dtype) {}

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
  if (!batch_invariant_) return StepTogether(ella_rows);
  std::vector<absl::Status> statuses;
  for (EllaRow* row : ella_rows) {
    statuses.push_back(StepTogether({&row, 1})[0]);
  }
  return statuses;
}

std::vector<absl::Status> EllaEngine::StepTogether(
    absl::Span<EllaRow* const> rows) {
  std::vector<PredictedNoise> noise;
  const absl::Status predicted = CatchTorch([&] {
    noise = PredictNoise(model_, plan_, rows, &connector_cache_);
    return absl::OkStatus();
  });
  std::vector<absl::Status> statuses(rows.size(), predicted);
  if (!predicted.ok()) return statuses;
  for (size_t i = 0; i < rows.size(); ++i) {
    statuses[i] = CatchTorch([&] {
      rows[i]->Advance(noise[i].eps, noise[i].connector_cache_hits);
      return absl::OkStatus();
    });
    // The sampler may be halfway: not ResourceExhausted, which promises that
    // the row is as before.
    if (absl::IsResourceExhausted(statuses[i])) {
      statuses[i] = absl::InternalError(statuses[i].message());
    }
  }
  // A step is over when the device is, so that its time is known, and what is
  // cancelled meanwhile takes no further one.
  const absl::Status synchronized = CatchTorch([&] {
    Synchronize(plan_.device);
    return absl::OkStatus();
  });
  for (absl::Status& status : statuses) {
    if (absl::IsResourceExhausted(synchronized)) {
      status = absl::InternalError(synchronized.message());
    } else if (!synchronized.ok()) {
      status = synchronized;
    }
  }
  return statuses;
}

std::vector<StagedDecoding::Stage> EllaEngine::VaeStages(int max_side) const {
  std::vector<StagedDecoding::Stage> stages = model_.vae->stages();
  stages.front() = [this, first = stages.front()](const at::Tensor& latents) {
    return first((latents / model_.vae_config.scaling_factor).to(plan_.dtype));
  };
  stages.back() = [max_side, last = stages.back()](const at::Tensor& x) {
    return ToPixels(LimitSide(last(x).to(at::kFloat), max_side));
  };
  return stages;
}

std::vector<StagedDecoding::Stage> EllaEngine::RgbStages(int max_side) const {
  return {[this, max_side](const at::Tensor& latents) {
    return ToPixels(LimitSide(
        preview_decoder_.forward(latents / model_.vae_config.scaling_factor),
        max_side));
  }};
}

absl::StatusOr<std::unique_ptr<Decoding>> EllaEngine::StartPreview(
    const Row& row, PreviewKind kind, int max_side) {
  using Result = absl::StatusOr<std::unique_ptr<Decoding>>;
  return CatchTorch([&]() -> Result {
    const c10::InferenceMode guard;
    const at::Tensor& latents = static_cast<const EllaRow&>(row).denoised();
    if (!latents.defined()) {
      return absl::FailedPreconditionError("no step is done yet");
    }
    return std::make_unique<StagedDecoding>(
        std::vector<at::Tensor>{latents},
        kind == PreviewKind::kVae ? VaeStages(max_side) : RgbStages(max_side));
  });
}

absl::StatusOr<std::unique_ptr<Decoding>> EllaEngine::StartDecode(
    absl::Span<Row* const> rows) {
  using Result = absl::StatusOr<std::unique_ptr<Decoding>>;
  return CatchTorch([&]() -> Result {
    const c10::InferenceMode guard;
    std::vector<at::Tensor> latents;
    for (const Row* row : rows) {
      latents.push_back(static_cast<const EllaRow*>(row)->latents());
    }
    const at::Tensor all = at::cat(latents);  // [rows, C, h, w]
    const int64_t at_once =
        batch_invariant_
            ? 1
            : std::max<int64_t>(
                  1, kMaxLatentsAtOnce / (all.size(2) * all.size(3)));
    return std::make_unique<StagedDecoding>(all.split(at_once),
                                            VaeStages(/*max_side=*/0));
  });
}

EngineStats EllaEngine::stats() const {
  return {.text_cache = text_conditioner_.cache_stats(),
          .connector_cache = connector_cache_.stats(),
          .connector_seconds = connector_cache_.seconds(),
          .memory = DeviceMemory(plan_.device)};
}

void EllaEngine::ResetPeakMemory() { ella::ResetPeakMemory(plan_.device); }

}  // namespace ella
