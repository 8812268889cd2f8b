// The fourth stage, plain Stable Diffusion: the UNet and the CLIP-like text
// encoder, together, on short captions.
#pragma once

#include "model/text/clip_tokenizer.h"
#include "model/training/diffusion_stage.h"

namespace ella {

class SdStage : public DiffusionStage {
 public:
  // The tokenizer outlives the stage, too. `lone_share` of the batches are of
  // scenes with one object, `placed_share` tell the place of each.
  SdStage(NetworkParts* parts, const DiffusionData& data,
          const ClipTokenizer* tokenizer, double lone_share,
          double placed_share)
      : DiffusionStage(parts, data),
        tokenizer_(*tokenizer),
        lone_share_(lone_share),
        placed_share_(placed_share) {}

  std::string name() const override { return "sd"; }
  std::vector<Part> parts() const override {
    return {Part::kClip, Part::kUnet, Part::kGroundingProbes};
  }

 private:
  CaptionKind caption_kind(StepRandom* random) const override;
  absl::StatusOr<at::Tensor> Encode(const std::vector<std::string>& captions,
                                    const at::Tensor& timesteps,
                                    StepRandom* random) override;
  const UNet& unet() override;
  // The UNet's error, and that of the grounding.
  at::Tensor Error(const NoisyLatents& noisy, const at::Tensor& context,
                   const TrainingBatch& drawn) override;

  const ClipTokenizer& tokenizer_;
  const double lone_share_;
  const double placed_share_;
  std::unique_ptr<UNet> unet_;  // of the step
};

}  // namespace ella
