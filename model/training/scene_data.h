// Scenes of the demo world, made as they are asked for.
#pragma once

#include "model/training/training_data.h"

namespace ella {

class SceneData : public TrainingData {
 public:
  explicit SceneData(int side) : side_(side) {}  // pixels

  // From the training split, never the same scene twice.
  absl::StatusOr<TrainingBatch> Draw(uint64_t seed, int64_t batch,
                                     CaptionKind kind) override;

 private:
  const int side_;
};

// Captions of both kinds for vocabularies to be learnt from.
std::vector<std::string> SceneSentences(uint64_t seed, int count);

}  // namespace ella
