// The first stage: a VAE that draws what it has seen (Kingma and Welling,
// arXiv 1312.6114), on crops of the pictures.
#pragma once

#include "model/training/stage.h"
#include "model/training/training_data.h"

namespace ella {

class VaeStage : public Stage {
 public:
  // The parts and the data outlive the stage. Crops are `crop` pixels wide and
  // high.
  VaeStage(NetworkParts* parts, TrainingData* data, int64_t crop)
      : parts_(*parts), data_(*data), crop_(crop) {}

  std::string name() const override { return "vae"; }
  std::vector<Part> parts() const override { return {Part::kVae}; }
  absl::StatusOr<at::Tensor> Loss(StepRandom random, int64_t batch) override;
  // Pictures above, what the VAE makes of them below.
  absl::StatusOr<RgbImage> Sheet() override;
  // Sets the scaling factor, by which latents have variance 1.
  absl::Status Finish() override;

 private:
  NetworkParts& parts_;
  TrainingData& data_;
  const int64_t crop_;
};

}  // namespace ella
