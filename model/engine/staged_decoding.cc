#include "model/engine/staged_decoding.h"

#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "model/engine/torch_status.h"
#include "model/runtime/device.h"

namespace ella {
namespace {

RgbImage ToImage(const at::Tensor& pixels) {  // [H, W, 3] uint8, on the CPU
  RgbImage image;
  image.height = static_cast<int>(pixels.size(0));
  image.width = static_cast<int>(pixels.size(1));
  image.pixels.resize(pixels.numel());
  std::memcpy(image.pixels.data(), pixels.const_data_ptr<uint8_t>(),
              image.pixels.size());
  return image;
}

}  // namespace

StagedDecoding::StagedDecoding(std::vector<at::Tensor> batches,
                               std::vector<Stage> stages)
    : stages_(std::move(stages)), batches_(std::move(batches)) {
  for (const at::Tensor& latents : batches_) {
    finite_.push_back(at::isfinite(latents).flatten(1).all(1));
  }
}

int StagedDecoding::slices_left() const {
  if (!failure_.ok()) return 0;
  return static_cast<int>((batches_.size() - batch_) * stages_.size() - stage_);
}

absl::Status StagedDecoding::RunSlice() {
  failure_ = CatchTorch([&] {
    const c10::InferenceMode guard;
    at::Tensor& x = batches_[batch_];
    x = stages_[stage_](x);
    Synchronize(x.device());  // the slice's time is the device's
    if (++stage_ == stages_.size()) {
      stage_ = 0;
      ++batch_;
    }
    if (batch_ == batches_.size()) Finish();
    return absl::OkStatus();
  });
  return failure_;
}

void StagedDecoding::Finish() {
  for (size_t i = 0; i < batches_.size(); ++i) {
    const at::Tensor pixels = batches_[i].cpu();
    const at::Tensor finite = finite_[i].cpu();
    for (int64_t row = 0; row < pixels.size(0); ++row) {
      if (finite[row].item<bool>()) {
        images_.push_back(ToImage(pixels[row]));
      } else {
        images_.push_back(absl::InternalError(
            "the latents are not finite: the model overflowed"));
      }
    }
  }
}

std::vector<absl::StatusOr<RgbImage>> StagedDecoding::TakeImages() {
  if (failure_.ok()) return std::move(images_);
  size_t rows = 0;
  for (const at::Tensor& finite : finite_) rows += finite.size(0);
  return {rows, failure_};
}

}  // namespace ella
