#include "model/training/diffusion_stage.h"

#include <c10/core/GradMode.h>

#include "model/sampling/guidance.h"
#include "model/sampling/noise.h"
#include "model/sampling/sampler.h"
#include "model/training/pixels.h"

namespace ella {
namespace {

// Latents with less noise than this signal-to-noise ratio are drawn less often:
// what a picture shows is decided before (Hang et al., arXiv 2303.09556).
constexpr double kSnrBound = 5;

constexpr int64_t kSheetPictures = 16;
constexpr int64_t kSheetColumns = 8;
constexpr int kSheetSteps = 20;
constexpr float kSheetGuidance = 4;
constexpr uint64_t kSheetSeed = 7;

// How often each timestep is drawn: as the noise's squared error shall weigh,
// which is as that of the picture (1 / ratio of signal to noise) and of the
// noise together, within bounds at both ends. [timesteps], 1 in all.
at::Tensor Shares(const at::Tensor& alphas_cumprod, double most) {
  const at::Tensor snr = alphas_cumprod / (1 - alphas_cumprod);
  const at::Tensor weights =
      at::minimum(kSnrBound / snr, (1 + 1 / snr).clamp_max(most));
  return weights / weights.sum();
}

// [B] of int64, one from each B-th of the distribution: spread evenly, a
// batch's loss varies less.
at::Tensor DrawTimesteps(int64_t batch, const at::Tensor& cumulative_shares,
                         StepRandom* random) {
  std::vector<double> parts;
  for (int64_t i = 0; i < batch; ++i) {
    parts.push_back((static_cast<double>(i) + random->Fraction()) /
                    static_cast<double>(batch));
  }
  return at::searchsorted(cumulative_shares, at::tensor(parts, at::kDouble))
      .clamp_max(cumulative_shares.size(0) - 1);
}

}  // namespace

DiffusionStage::DiffusionStage(NetworkParts* parts, const DiffusionData& data)
    : parts_(*parts), data_(data), vae_encoder_(parts->MakeVaeEncoder()) {
  const absl::StatusOr<NoiseSchedule> schedule =
      NoiseSchedule::Create(data.schedule);
  TORCH_CHECK(schedule.ok(), std::string(schedule.status().message()));
  alphas_cumprod_ =
      at::tensor(schedule->alphas_cumprod()).to(parts->options().device);
  cumulative_shares_ =
      Shares(at::tensor(schedule->alphas_cumprod(), at::kDouble),
             data.most_weight)
          .cumsum(0);
}

at::Tensor DiffusionStage::Latents(const at::Tensor& images,
                                   StepRandom* random) {
  c10::NoGradGuard no_grad;
  const LoadOptions& options = parts_.options();
  const LatentDistribution latents =
      vae_encoder_->forward(images.to(options.device, options.dtype));
  at::Generator generator =
      CreateGenerator(static_cast<uint32_t>(random->Next()));
  const at::Tensor noise =
      DrawNoise(latents.mean.sizes(), generator).to(options.device);
  return (latents.mean.to(at::kFloat) +
          (latents.logvar.to(at::kFloat) / 2).exp() * noise) *
         parts_.configs().vae.scaling_factor;
}

at::Tensor DiffusionStage::Error(const NoisyLatents& noisy,
                                 const at::Tensor& context,
                                 const TrainingBatch& /*drawn*/) {
  const at::Tensor predicted =
      unet().forward(noisy.latents, noisy.timesteps, {context});
  return (predicted.to(at::kFloat) - noisy.noise).square().mean();
}

absl::StatusOr<at::Tensor> DiffusionStage::Loss(StepRandom random,
                                                int64_t batch) {
  const uint64_t data_seed = random.Next();
  absl::StatusOr<TrainingBatch> drawn =
      data_.data->Draw(data_seed, batch, caption_kind(&random));
  if (!drawn.ok()) return drawn.status();
  for (size_t i = 0; i < drawn->captions.size(); ++i) {
    if (random.Fraction() >= data_.empty_share) continue;
    drawn->captions[i].clear();
    if (!drawn->plain_captions.empty()) drawn->plain_captions[i].clear();
  }
  const LoadOptions& options = parts_.options();
  const at::Tensor latents = Latents(drawn->images, &random);
  const at::Tensor timesteps =
      DrawTimesteps(batch, cumulative_shares_, &random).to(options.device);
  at::Generator generator =
      CreateGenerator(static_cast<uint32_t>(random.Next()));
  const at::Tensor own = DrawNoise(latents.sizes(), generator);
  const at::Tensor common =
      DrawNoise({batch, latents.size(1), 1, 1}, generator);
  const at::Tensor noise =
      (own + data_.common_noise * common).to(options.device);
  const at::Tensor alpha =
      alphas_cumprod_.index_select(0, timesteps).view({-1, 1, 1, 1});
  const NoisyLatents noisy = {
      .latents = (alpha.sqrt() * latents + (1 - alpha).sqrt() * noise)
                     .to(options.dtype),
      .timesteps = timesteps.to(at::kFloat),
      .noise = noise};
  absl::StatusOr<at::Tensor> context =
      Encode(drawn->captions, noisy.timesteps, &random);
  if (!context.ok()) return context.status();
  return Error(noisy, *context, *drawn);
}

absl::StatusOr<RgbImage> DiffusionStage::Sheet() {
  StepRandom random(kSheetSeed, 0);
  absl::StatusOr<TrainingBatch> drawn =
      data_.data->Draw(random.Next(), kSheetPictures, caption_kind(&random));
  if (!drawn.ok()) return drawn.status();
  std::vector<std::string> captions(kSheetPictures);  // the empty ones
  captions.insert(captions.end(), drawn->captions.begin(),
                  drawn->captions.end());
  absl::StatusOr<std::unique_ptr<Sampler>> sampler =
      CreateSampler(SamplerNames()[0], data_.schedule, kSheetSteps);
  if (!sampler.ok()) return sampler.status();

  const LoadOptions& options = parts_.options();
  const int64_t side = drawn->images.size(3) / parts_.configs().vae.scale();
  at::Generator generator = CreateGenerator(kSheetSeed);
  at::Tensor latents =
      DrawNoise(
          {kSheetPictures, parts_.configs().vae.latent_channels, side, side},
          generator)
          .to(options.device);
  for (int call = 0; call < (*sampler)->num_calls(); ++call) {
    const at::Tensor times = at::full(
        {2 * kSheetPictures}, (*sampler)->timestep(call), options.device);
    StepRandom same(kSheetSeed, 1);
    absl::StatusOr<at::Tensor> context = Encode(captions, times, &same);
    if (!context.ok()) return context.status();
    const at::Tensor input = (*sampler)->ScaleInput(latents).to(options.dtype);
    const std::vector<at::Tensor> eps =
        unet()
            .forward(at::cat({input, input}), times, {*context})
            .to(at::kFloat)
            .chunk(2);
    latents = (*sampler)->Step(latents, Guide(eps[0], eps[1], kSheetGuidance),
                               generator);
  }
  const at::Tensor images = parts_.MakeVaeDecoder()->forward(
      (latents / parts_.configs().vae.scaling_factor).to(options.dtype));
  return ToSheet(at::cat({drawn->images, images.to(at::kCPU, at::kFloat)}),
                 kSheetColumns);
}

}  // namespace ella
