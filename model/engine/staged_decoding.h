// A Decoding whose slices are the stages of a decoder.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <vector>

#include "model/api/engine.h"

namespace ella {

// Its batches pass through the stages one after another. No slice but the last
// waits for the device.
class StagedDecoding final : public Decoding {
 public:
  using Stage = std::function<at::Tensor(const at::Tensor&)>;

  // The first stage takes latents [rows, C, h, w], of each batch. The last one
  // gives pixels [rows, H, W, 3] uint8. What the stages refer to outlives this.
  // Throws what torch throws.
  StagedDecoding(std::vector<at::Tensor> batches, std::vector<Stage> stages);

  int slices_left() const override;
  absl::Status RunSlice() override;
  std::vector<absl::StatusOr<RgbImage>> TakeImages() override;

 private:
  void Finish();

  const std::vector<Stage> stages_;
  std::vector<at::Tensor> batches_;
  std::vector<at::Tensor> finite_;  // [rows] bool: whether the latents were
  size_t batch_ = 0;                // that is on its way
  size_t stage_ = 0;                // it takes next
  absl::Status failure_;
  std::vector<absl::StatusOr<RgbImage>> images_;
};

}  // namespace ella
