// Scenes of the demo world, made as they are asked for.
#pragma once

#include "model/training/training_data.h"

namespace ella {

struct ShapeBatch {
  // [B, shapes, 3, side, side]: of each picture the objects of each shape, at
  // the places that its caption tells.
  at::Tensor images;
  // [B, shapes] bool: whether it tells where all of them are.
  at::Tensor placed;
  // [B, 4] float32: red, green, blue (-1 to 1) and 1 where the caption tells
  // the background, else 0.
  at::Tensor backgrounds;
  std::vector<std::string> captions;  // of the whole pictures
};

class SceneData : public TrainingData {
 public:
  explicit SceneData(int side) : side_(side) {}  // pixels

  // From the training split, never the same scene twice.
  absl::StatusOr<TrainingBatch> Draw(uint64_t seed, int64_t batch,
                                     CaptionKind kind) override;
  // As Draw, with the pictures as they are told, taken to pieces.
  ShapeBatch DrawShapes(uint64_t seed, int64_t batch, CaptionKind kind) const;

 private:
  const int side_;
};

// Captions of both kinds for vocabularies to be learnt from.
std::vector<std::string> SceneSentences(uint64_t seed, int count);

}  // namespace ella
