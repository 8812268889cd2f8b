// The fifth stage, plain Stable Diffusion: with UNet and VAE as they are, the
// CLIP-like text encoder learns to tell that UNet what short captions say. It
// sees no others: what is long is beyond it, as it is beyond Stable
// Diffusion's.
#pragma once

#include "model/training/taught_stage.h"

namespace ella {

class ClipStage : public TaughtStage {
 public:
  // The tokenizer, which is the teacher's too, outlives the stage.
  ClipStage(NetworkParts* parts, const DiffusionData& data,
            const ClipTokenizer* tokenizer)
      : TaughtStage(parts, data, tokenizer), tokenizer_(*tokenizer) {}

  std::string name() const override { return "clip"; }
  std::vector<Part> parts() const override { return {Part::kClip}; }

 private:
  CaptionKind caption_kind(StepRandom* random) const override;
  absl::StatusOr<at::Tensor> Encode(const std::vector<std::string>& captions,
                                    const at::Tensor& timesteps,
                                    StepRandom* random) override;

  const ClipTokenizer& tokenizer_;
};

}  // namespace ella
