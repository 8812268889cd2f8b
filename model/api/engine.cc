#include "model/api/engine.h"

namespace ella {

std::vector<absl::StatusOr<RgbImage>> FinishDecoding(
    absl::StatusOr<std::unique_ptr<Decoding>> decoding, size_t images) {
  if (!decoding.ok()) return {images, decoding.status()};
  while ((*decoding)->slices_left() > 0) {
    if (absl::Status s = (*decoding)->RunSlice(); !s.ok()) return {images, s};
  }
  return (*decoding)->TakeImages();
}

}  // namespace ella
