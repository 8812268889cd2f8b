#include "model/training/sd_stage.h"

namespace ella {

absl::StatusOr<at::Tensor> SdStage::Encode(
    const std::vector<std::string>& captions, const at::Tensor& /*timesteps*/,
    StepRandom* /*random*/) {
  std::vector<at::Tensor> ids;
  for (const std::string& caption : captions) {
    ids.push_back(at::tensor(tokenizer_.Encode(caption).ids));
  }
  return networks().MakeClip()->forward(
      at::stack(ids).to(networks().options().device));
}

const UNet& SdStage::unet() {
  unet_ = networks().MakeUnet();
  return *unet_;
}

}  // namespace ella
