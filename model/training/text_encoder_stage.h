// The second and the third stage: the teacher and T5 learn what words mean
// before there is a UNet to tell, as CLIP and T5 have before Stable Diffusion
// and ELLA begin. Trained with a UNet from nothing, an encoder doesn't find
// words for places: the UNet sees places in the noisy latents.
#pragma once

#include "model/text/clip_tokenizer.h"
#include "model/text/t5_tokenizer.h"
#include "model/training/scene_data.h"
#include "model/training/stage.h"

namespace ella {

class TextEncoderStage : public Stage {
 public:
  // The squared error of the layouts that a head reads off the encoder.
  absl::StatusOr<at::Tensor> Loss(StepRandom random, int64_t batch) override;
  // Pictures of captions above, what the encoder tells of them below.
  absl::StatusOr<RgbImage> Sheet() override;

 protected:
  // Both outlive the stage.
  TextEncoderStage(NetworkParts* parts, SceneData* data)
      : parts_(*parts), data_(*data) {}
  NetworkParts& networks() { return parts_; }

 private:
  virtual CaptionKind caption_kind(uint64_t chance) const = 0;
  virtual absl::StatusOr<at::Tensor> Layout(
      const std::vector<std::string>& captions) = 0;

  NetworkParts& parts_;
  SceneData& data_;
};

class TeacherStage : public TextEncoderStage {
 public:
  // All outlive the stage.
  TeacherStage(NetworkParts* parts, SceneData* data,
               const ClipTokenizer* tokenizer)
      : TextEncoderStage(parts, data), tokenizer_(*tokenizer) {}

  std::string name() const override { return "teacher"; }
  std::vector<Part> parts() const override {
    return {Part::kTeacher, Part::kTeacherHead};
  }

 private:
  CaptionKind caption_kind(uint64_t chance) const override;
  absl::StatusOr<at::Tensor> Layout(
      const std::vector<std::string>& captions) override;

  const ClipTokenizer& tokenizer_;
};

class T5Stage : public TextEncoderStage {
 public:
  // All outlive the stage.
  T5Stage(NetworkParts* parts, SceneData* data, const T5Tokenizer* tokenizer)
      : TextEncoderStage(parts, data), tokenizer_(*tokenizer) {}

  std::string name() const override { return "t5"; }
  std::vector<Part> parts() const override {
    return {Part::kT5, Part::kT5Head};
  }

 private:
  CaptionKind caption_kind(uint64_t chance) const override;
  absl::StatusOr<at::Tensor> Layout(
      const std::vector<std::string>& captions) override;

  const T5Tokenizer& tokenizer_;
};

}  // namespace ella
