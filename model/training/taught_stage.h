// What the stages that come after the UNet's share: with that UNet as it is, a
// way to read captions learns to tell it what they say.
#pragma once

#include "model/text/clip_tokenizer.h"
#include "model/training/diffusion_stage.h"

namespace ella {

class TaughtStage : public DiffusionStage {
 public:
  // The tokenizer is the teacher's, and outlives the stage; null: there is no
  // teacher, and pictures teach.
  TaughtStage(NetworkParts* parts, const DiffusionData& data,
              const ClipTokenizer* teacher_tokenizer);

 protected:
  const UNet& unet() override { return *unet_; }
  // With a teacher: how far what the contexts tell the UNet's latents is from
  // what the teacher tells them in plain captions, as part of the latter.
  at::Tensor Error(const NoisyLatents& noisy, const at::Tensor& context,
                   const TrainingBatch& drawn) override;

 private:
  const ClipTokenizer* const teacher_tokenizer_;
  const std::unique_ptr<UNet> unet_;
  const std::unique_ptr<ClipTextEncoder> teacher_;
};

}  // namespace ella
