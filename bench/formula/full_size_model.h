// A model directory of real size.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace ella {

struct FullSizeModelSources {
  // Folder with the shapes of each network.
  std::string shapes = "bench/formula/shapes";
  // A model directory whose tokenizers are copied; their vocabularies may be
  // smaller than the encoders'.
  std::string tokenizers = "tests/golden/small/model";
};

// Writes FOLDER/sd15, FOLDER/flan-t5 (in two shards) and FOLDER/ella, 5 GB of
// float16 formula weights in the layout of published checkpoints. All files are
// there or none: they are made in FOLDER.tmp, which is replaced. A FOLDER with
// a model is left as it is; AlreadyExists where it holds anything else.
absl::Status WriteFullSizeModel(const std::string& folder,
                                const FullSizeModelSources& sources);

}  // namespace ella
