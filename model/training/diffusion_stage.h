// What the stages with a UNet share: it predicts the noise in latents (Ho et
// al., arXiv 2006.11239).
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "model/sampling/noise_schedule.h"
#include "model/training/stage.h"
#include "model/training/training_data.h"

namespace ella {

// What a stage shows its UNet beside the latents.
struct DiffusionData {
  TrainingData* data = nullptr;
  NoiseScheduleConfig schedule;
  // The share of captions that are left out, for guidance.
  double empty_share = 0.1;
  // How much, at most, an error on latents with much noise weighs. 1: as in
  // ELLA's training. More is for a UNet that learns from nothing what words
  // mean: where shapes can still be seen, it needs no words.
  double most_weight = 1;
  // Of noise that a channel's latents have in common, beside their own. Without
  // it the mean of the latents tells the background at every timestep, and at
  // generation it is the noise that chooses it, whatever the words say.
  double common_noise = 0;
};

// Latents that a UNet is shown.
struct NoisyLatents {
  at::Tensor latents;    // [B, C, h, w] in the type of the arithmetic
  at::Tensor timesteps;  // [B] float32
  at::Tensor noise;      // [B, C, h, w] float32, what there is of it in them
};

class DiffusionStage : public Stage {
 public:
  // The parts and the data outlive the stage; the VAE is not trained.
  DiffusionStage(NetworkParts* parts, const DiffusionData& data);

  absl::StatusOr<at::Tensor> Loss(StepRandom random, int64_t batch) override;
  // Pictures of the sheet's captions, by 20 steps with guidance.
  absl::StatusOr<RgbImage> Sheet() override;

 protected:
  NetworkParts& networks() { return parts_; }
  virtual const UNet& unet() = 0;
  // How far from what they shall say the contexts are; a scalar. Here: how far
  // what the UNet predicts with them is from the noise.
  virtual at::Tensor Error(const NoisyLatents& noisy, const at::Tensor& context,
                           const TrainingBatch& drawn);

 private:
  // The kind of caption that this step shows.
  virtual CaptionKind caption_kind(StepRandom* random) const = 0;
  // Contexts of the captions at timesteps [B] float32 on the device, one each.
  // `random` decides what else a stage leaves to chance.
  virtual absl::StatusOr<at::Tensor> Encode(
      const std::vector<std::string>& captions, const at::Tensor& timesteps,
      StepRandom* random) = 0;
  // Drawn from the VAE's distribution, and scaled; float32.
  at::Tensor Latents(const at::Tensor& images, StepRandom* random);

  NetworkParts& parts_;
  const DiffusionData data_;
  std::unique_ptr<VaeEncoder> vae_encoder_;
  at::Tensor alphas_cumprod_;     // [timesteps] on the device
  at::Tensor cumulative_shares_;  // [timesteps] of how often each is drawn
};

}  // namespace ella
