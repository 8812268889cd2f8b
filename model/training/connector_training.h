// ELLA's connector for a Stable Diffusion 1.5 and a T5 that stay as they are,
// learnt from pictures with captions.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "model/training/stage_runner.h"
#include "model/weights/parameter_loader.h"

namespace ella {

struct ConnectorTrainingOptions {
  std::string sd15;  // a folder in diffusers layout
  std::string t5;    // a folder as transformers saves it
  // A connector to begin with; empty: random, of the published shape for the
  // widths at hand.
  std::string init;
  std::string data;  // a folder: see FolderData
  int side = 512;    // pixels
  std::string out;   // the connector's safetensors file, float16
  // Frozen networks are computed in this type, T5 from float16 weights.
  LoadOptions compute;
  // Sheets go beside `out`, and so does the checkpoint.
  RunOptions run;
};

// Goes on from the checkpoint where there is one. Cancelled where a stop was
// wanted; NotFound or InvalidArgument, with the file's name, for what is
// missing or doesn't fit.
absl::Status TrainConnector(const ConnectorTrainingOptions& options);

}  // namespace ella
