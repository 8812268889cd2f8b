#include "server/scheduling/request_cost.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace ella {

int LatentPixels(const Task& task) {
  const BatchKey key = KeyOf(task);
  return key.latent_height * key.latent_width;
}

double WorkOfStep(const Task& task) {
  return static_cast<double>(LatentPixels(task)) *
         UnetRowsPerImage(task.params) * task.params.num_images;
}

Candidate WaitingCandidate(const Task& task, Standing standing) {
  Candidate candidate;
  candidate.standing = standing;
  candidate.standing.work = WorkOfStep(task);
  candidate.key = KeyOf(task);
  candidate.engine = task.engine.get();
  candidate.enqueued_at = task.enqueued_at;
  candidate.unet_rows_per_image = UnetRowsPerImage(task.params);
  candidate.steps_left.assign(task.params.num_images, task.params.steps);
  return candidate;
}

int RowLimitOf(const Task& task, const CostTables& costs) {
  return costs.Of(task.engine.get()).RowLimit(LatentPixels(task));
}

Load LoadOf(const Task& task, int images, int steps, const CostTables& tables) {
  const StepCostTable& costs = tables.Of(task.engine.get());
  const int pixels = LatentPixels(task);
  Load load;
  load.unet_rows = UnetRowsPerImage(task.params) * images;
  load.run_time = costs.StepTime(pixels, costs.RowLimit(pixels)) * steps +
                  costs.DecodeTime(pixels) * images;
  return load;
}

absl::Duration LoneTime(const Task& task, const CostTables& tables) {
  const StepCostTable& costs = tables.Of(task.engine.get());
  const int pixels = LatentPixels(task);
  const int rows = UnetRowsPerImage(task.params) * task.params.num_images;
  const int together = std::min(rows, costs.RowLimit(pixels));
  return costs.StepTime(pixels, together) * task.params.steps * rows /
             together +
         costs.DecodeTime(pixels) * task.params.num_images;
}

absl::Status CheckMemory(const Task& task, const CostTables& tables) {
  const StepCostTable& costs = tables.Of(task.engine.get());
  const int64_t needed =
      costs.BytesFor(LatentPixels(task), UnetRowsPerImage(task.params));
  if (needed <= costs.memory_budget()) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("an image of ", task.params.width, "x", task.params.height,
                   " needs about ", needed >> 20, " MiB to step, and ",
                   costs.memory_budget() >> 20, " MiB may be used"));
}

}  // namespace ella
