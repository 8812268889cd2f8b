// Pictures with captions to learn from.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ella {

enum class CaptionKind {
  kLone,  // short, of a picture with one object where the data can choose
  kShort,
  kPlaced,  // short but for the places of all objects
  kDense,
  kRelated  // dense, with relations in place of most places
};

struct TrainingBatch {
  at::Tensor images;  // [B, 3, side, side] float32 from -1 to 1, on the CPU
  std::vector<std::string> captions;  // one an image
  // What they say of places, in short captions' words; empty where the data has
  // none.
  std::vector<std::string> plain_captions;
};

// One thread.
class TrainingData {
 public:
  virtual ~TrainingData() = default;
  // Equal seeds give equal batches, whatever came before.
  virtual absl::StatusOr<TrainingBatch> Draw(uint64_t seed, int64_t batch,
                                             CaptionKind kind) = 0;
};

}  // namespace ella
