// The last stage, ELLA: with UNet, VAE and T5 as they are, the connector
// learns to tell that UNet what dense captions say (Hu et al., arXiv
// 2403.05135).
#pragma once

#include "model/text/t5_tokenizer.h"
#include "model/training/taught_stage.h"

namespace ella {

class EllaStage : public TaughtStage {
 public:
  // The tokenizers outlive the stage. Without the teacher's, pictures teach.
  EllaStage(NetworkParts* parts, const DiffusionData& data,
            const T5Tokenizer* tokenizer,
            const ClipTokenizer* teacher_tokenizer = nullptr);

  std::string name() const override { return "ella"; }
  std::vector<Part> parts() const override { return {Part::kElla}; }

 private:
  CaptionKind caption_kind(StepRandom* random) const override;
  absl::StatusOr<at::Tensor> Encode(const std::vector<std::string>& captions,
                                    const at::Tensor& timesteps,
                                    StepRandom* random) override;

  const T5Tokenizer& tokenizer_;
  const std::unique_ptr<T5Encoder> t5_;
};

}  // namespace ella
