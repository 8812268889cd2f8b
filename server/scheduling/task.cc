#include "server/scheduling/task.h"

#include <algorithm>

namespace ella {

bool EncodedTexts::complete() const {
  return !encodings.empty() && std::find(encodings.begin(), encodings.end(),
                                         nullptr) == encodings.end();
}

BatchKey KeyOf(const Task& task) {
  const int scale = task.engine->info().latent_scale;
  return {task.engine->info().name, task.params.height / scale,
          task.params.width / scale};
}

std::vector<Text> TextsOf(const GenerationParams& params) {
  std::vector<Text> texts = {PromptText(params)};
  if (params.guided()) texts.push_back(NegativeText(params));
  return texts;
}

int UnetRowsPerImage(const GenerationParams& params) {
  return params.guided() ? 2 : 1;
}

absl::Status CheckWanted(const Task& task, absl::Time now) {
  if (*task.cancelled) {
    return absl::CancelledError("the request was cancelled");
  }
  if (now >= task.deadline) {
    return absl::DeadlineExceededError("the request's deadline has passed");
  }
  return absl::OkStatus();
}

}  // namespace ella
