// The first stage: a VAE that draws what it has seen (Kingma and Welling,
// arXiv 1312.6114), on crops of the pictures.
#pragma once

#include "model/training/stage.h"
#include "model/training/training_data.h"

namespace ella {

class VaeStage : public Stage {
 public:
  // The parts and the data outlive the stage. Crops are `crop` pixels wide and
  // high. `keep_latents`: the decoder alone is trained, so that a UNet that
  // knows the latents needn't learn anew.
  VaeStage(NetworkParts* parts, TrainingData* data, int64_t crop,
           bool keep_latents)
      : parts_(*parts),
        data_(*data),
        crop_(crop),
        keep_latents_(keep_latents) {}

  std::string name() const override { return "vae"; }
  std::vector<Part> parts() const override { return {Part::kVae}; }
  absl::StatusOr<at::Tensor> Loss(StepRandom random, int64_t batch) override;
  // Pictures above, what the VAE makes of them below.
  absl::StatusOr<RgbImage> Sheet() override;
  // Sets the scaling factor, by which latents have variance 1, unless they are
  // those of before.
  absl::Status Finish() override;

 private:
  NetworkParts& parts_;
  TrainingData& data_;
  const int64_t crop_;
  const bool keep_latents_;
};

}  // namespace ella
