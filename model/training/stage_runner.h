// Runs a stage from wherever it was left.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "model/training/network_parts.h"
#include "model/training/optimizer.h"
#include "model/training/stage.h"

namespace ella {

struct RunOptions {
  std::string checkpoint = {};    // a file, for the next run to go on from
  std::string sheet_folder = {};  // for STAGE-STEP.png
  uint64_t seed = 1;
  int64_t steps = 1000;
  int64_t batch = 64;
  int64_t checkpoint_every = 100;   // steps
  int64_t sheet_every = 500;        // steps; 0: none
  OptimizerOptions optimizer = {};  // but for its total_steps
  // Asked after each step: whether to stop, leaving a checkpoint.
  std::function<bool()> stop_wanted = {};
  // Called with each progress line.
  std::function<void(const std::string&)> report = {};
};

struct StageResult {
  bool stopped = false;   // before the last step
  double first_loss = 0;  // the mean of this run's first and last tenths
  double last_loss = 0;
};

// Trains the stage's parts in `networks`, and leaves the averages there. A kill
// costs the steps since the last checkpoint, and going on from one gives the
// bytes that a run without a break gives, on the same device with as many
// threads. InvalidArgument for a checkpoint of another stage, seed or size.
absl::StatusOr<StageResult> RunStage(const RunOptions& options, Stage* stage,
                                     NetworkParts* networks);

}  // namespace ella
