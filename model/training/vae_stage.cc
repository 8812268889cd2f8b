#include "model/training/vae_stage.h"

#include <c10/core/GradMode.h>

#include "model/sampling/noise.h"
#include "model/training/pixels.h"

namespace ella {
namespace {

// How much the latents' closeness to unit noise counts beside the pictures'
// error.
constexpr double kDivergenceWeight = 1e-3;
constexpr int64_t kSheetPictures = 8;
constexpr uint64_t kSheetSeed = 7;

// [B, 3, side, side] -> [B, 3, crop, crop], somewhere in each picture.
at::Tensor Crops(const at::Tensor& images, int64_t crop, StepRandom* random) {
  std::vector<at::Tensor> crops;
  const auto places = static_cast<uint64_t>(images.size(2) - crop + 1);
  for (const at::Tensor& image : images.unbind()) {
    const auto y = static_cast<int64_t>(random->Next() % places);
    const auto x = static_cast<int64_t>(random->Next() % places);
    crops.push_back(image.narrow(1, y, crop).narrow(2, x, crop));
  }
  return at::stack(crops);
}

}  // namespace

absl::StatusOr<at::Tensor> VaeStage::Loss(StepRandom random, int64_t batch) {
  absl::StatusOr<TrainingBatch> drawn =
      data_.Draw(random.Next(), batch, CaptionKind::kShort);
  if (!drawn.ok()) return drawn.status();
  const LoadOptions& options = parts_.options();
  const at::Tensor image =
      Crops(drawn->images, crop_, &random).to(options.device, options.dtype);
  LatentDistribution latents;
  {
    const c10::AutoGradMode gradients(!keep_latents_);
    latents = parts_.MakeVaeEncoder()->forward(image);
  }
  const at::Tensor mean = latents.mean.to(at::kFloat);
  const at::Tensor logvar = latents.logvar.to(at::kFloat);
  at::Generator generator =
      CreateGenerator(static_cast<uint32_t>(random.Next()));
  const at::Tensor noise =
      DrawNoise(mean.sizes(), generator).to(options.device);
  const at::Tensor z = mean + (logvar / 2).exp() * noise;
  const at::Tensor drawing =
      parts_.MakeVaeDecoder()->forward(z.to(options.dtype)).to(at::kFloat);
  const at::Tensor divergence =
      (mean.square() + logvar.exp() - 1 - logvar).mean() / 2;
  const at::Tensor error = drawing - image.to(at::kFloat);
  return error.abs().mean() + error.square().mean() +
         kDivergenceWeight * divergence;
}

absl::StatusOr<RgbImage> VaeStage::Sheet() {
  absl::StatusOr<TrainingBatch> drawn =
      data_.Draw(kSheetSeed, kSheetPictures, CaptionKind::kShort);
  if (!drawn.ok()) return drawn.status();
  const LoadOptions& options = parts_.options();
  const LatentDistribution latents = parts_.MakeVaeEncoder()->forward(
      drawn->images.to(options.device, options.dtype));
  const at::Tensor drawing =
      parts_.MakeVaeDecoder()->forward(latents.mean).to(at::kCPU, at::kFloat);
  return ToSheet(at::cat({drawn->images, drawing}), kSheetPictures);
}

absl::Status VaeStage::Finish() {
  if (keep_latents_) return absl::OkStatus();
  constexpr int64_t kPictures = 64;
  absl::StatusOr<TrainingBatch> drawn =
      data_.Draw(kSheetSeed + 1, kPictures, CaptionKind::kShort);
  if (!drawn.ok()) return drawn.status();
  const LoadOptions& options = parts_.options();
  const LatentDistribution latents = parts_.MakeVaeEncoder()->forward(
      drawn->images.to(options.device, options.dtype));
  parts_.SetScalingFactor(1 / latents.mean.to(at::kFloat).std().item<double>());
  return absl::OkStatus();
}

}  // namespace ella
