// The sizes and vocabularies of the demo model.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "model/writing/clip_tokenizer_files.h"
#include "model/writing/model_sizes.h"

namespace ella {

struct DemoModel {
  ModelSizes sizes;
  ClipTokenizerFiles clip;
  std::string spiece_model;
};

// Sizes for scenes of that side, in pixels; vocabularies learnt from captions.
absl::StatusOr<DemoModel> MakeDemoModel(int side, uint64_t seed);

}  // namespace ella
