// The fourth stage: the UNet learns to draw what the teacher tells it, which
// learns along.
#pragma once

#include "model/text/clip_tokenizer.h"
#include "model/training/diffusion_stage.h"

namespace ella {

class UnetStage : public DiffusionStage {
 public:
  // The tokenizer outlives the stage, too. `lone_share` of the batches are of
  // scenes with one object, `placed_share` tell the place of each.
  UnetStage(NetworkParts* parts, const DiffusionData& data,
            const ClipTokenizer* tokenizer, double lone_share,
            double placed_share)
      : DiffusionStage(parts, data),
        tokenizer_(*tokenizer),
        lone_share_(lone_share),
        placed_share_(placed_share) {}

  std::string name() const override { return "unet"; }
  std::vector<Part> parts() const override {
    return {Part::kTeacher, Part::kUnet, Part::kGroundingProbes};
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
