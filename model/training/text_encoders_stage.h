// The second stage: both text encoders learn what words mean before there is a
// UNet to tell, as CLIP and T5 have before Stable Diffusion and ELLA begin.
// Trained with a UNet from nothing, an encoder doesn't find words for places:
// the UNet sees places in the noisy latents.
#pragma once

#include "model/text/clip_tokenizer.h"
#include "model/text/t5_tokenizer.h"
#include "model/training/scene_data.h"
#include "model/training/stage.h"

namespace ella {

class TextEncodersStage : public Stage {
 public:
  // All outlive the stage.
  TextEncodersStage(NetworkParts* parts, SceneData* data,
                    const ClipTokenizer* clip, const T5Tokenizer* t5)
      : parts_(*parts), data_(*data), clip_(*clip), t5_(*t5) {}

  std::string name() const override { return "text"; }
  std::vector<Part> parts() const override {
    return {Part::kClip, Part::kT5, Part::kLayoutHead};
  }
  // The squared errors of both encoders' layouts.
  absl::StatusOr<at::Tensor> Loss(StepRandom random, int64_t batch) override;
  // Pictures of short captions above, what the CLIP-like encoder tells of them
  // below; the same of dense captions and T5.
  absl::StatusOr<RgbImage> Sheet() override;

 private:
  at::Tensor ClipLayout(const std::vector<std::string>& captions);
  absl::StatusOr<at::Tensor> T5Layout(const std::vector<std::string>& captions);

  NetworkParts& parts_;
  SceneData& data_;
  const ClipTokenizer& clip_;
  const T5Tokenizer& t5_;
};

}  // namespace ella
