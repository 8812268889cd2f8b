// What the stages of "SD" and of "ELLA" share: a UNet learns to predict the
// noise in latents (Ho et al., arXiv 2006.11239).
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
  // How much of the loss is the distance to what the UNet predicts when a
  // teacher, if the stage has one, says the same.
  double teacher_share = 0;
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

 private:
  // The kind of caption that this step shows.
  virtual CaptionKind caption_kind(StepRandom* random) const = 0;
  // Contexts of the captions at timesteps [B] float32 on the device, one each.
  // `random` decides what else a stage leaves to chance.
  virtual absl::StatusOr<at::Tensor> Encode(
      const std::vector<std::string>& captions, const at::Tensor& timesteps,
      StepRandom* random) = 0;
  virtual const UNet& unet() = 0;
  // Contexts of plain captions by an encoder that the UNet understands already;
  // undefined: there is none.
  virtual at::Tensor TeacherContext(
      const std::vector<std::string>& /*plain_captions*/) {
    return {};
  }

  // What the UNet predicts for the input when the teacher tells it; float32,
  // undefined where there is none.
  at::Tensor Taught(const std::vector<std::string>& plain_captions,
                    const at::Tensor& input, const at::Tensor& times);
  // Drawn from the VAE's distribution, and scaled; float32.
  at::Tensor Latents(const at::Tensor& images, StepRandom* random);

  NetworkParts& parts_;
  const DiffusionData data_;
  std::unique_ptr<VaeEncoder> vae_encoder_;
  at::Tensor alphas_cumprod_;     // [timesteps] on the device
  at::Tensor cumulative_shares_;  // [timesteps] of how often each is drawn
};

}  // namespace ella
