// The fifth stage, ELLA: with UNet, VAE and T5 as they are, the connector
// learns to tell that UNet what dense captions say (Hu et al., arXiv
// 2403.05135).
#pragma once

#include "model/text/clip_tokenizer.h"
#include "model/text/t5_tokenizer.h"
#include "model/training/diffusion_stage.h"

namespace ella {

class EllaStage : public DiffusionStage {
 public:
  // The tokenizers outlive the stage, too. With CLIP's, CLIP is the teacher.
  EllaStage(NetworkParts* parts, const DiffusionData& data,
            const T5Tokenizer* tokenizer,
            const ClipTokenizer* clip_tokenizer = nullptr);

  std::string name() const override { return "ella"; }
  std::vector<Part> parts() const override { return {Part::kElla}; }

 private:
  CaptionKind caption_kind(StepRandom* random) const override;
  absl::StatusOr<at::Tensor> Encode(const std::vector<std::string>& captions,
                                    const at::Tensor& timesteps,
                                    StepRandom* random) override;
  const UNet& unet() override { return *unet_; }
  // With a teacher: how far what the contexts tell the UNet's latents is from
  // what the teacher tells them in plain captions, as part of the latter.
  at::Tensor Error(const NoisyLatents& noisy, const at::Tensor& context,
                   const TrainingBatch& drawn) override;

  const T5Tokenizer& tokenizer_;
  const ClipTokenizer* const clip_tokenizer_;  // may be null
  const std::unique_ptr<UNet> unet_;
  const std::unique_ptr<T5Encoder> t5_;
  const std::unique_ptr<ClipTextEncoder> clip_;  // where there is a teacher
};

}  // namespace ella
