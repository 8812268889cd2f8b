#include "server/scheduling/active_request.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/scheduling/request_cost.h"

namespace ella {

absl::Status ActiveRequest::Start(absl::Time now) {
  const GenerationParams& params = task_->params;
  const EncodedTexts& texts = task_->texts;
  times_.queue_time = now - task_->enqueued_at;
  times_.text_time = texts.time;
  times_.text_cache_hits = texts.cache_hits;
  RowParams& row = row_params_;
  row.width = params.width;
  row.height = params.height;
  row.steps = params.steps;
  row.guidance_scale = params.guidance_scale;
  row.sampler = params.sampler;
  row.prompt = texts.encodings[0];
  if (params.guided()) row.negative = texts.encodings[1];
  for (int i = 0; i < params.num_images; ++i) {
    row.seed = params.seed + static_cast<uint32_t>(i);
    absl::StatusOr<std::unique_ptr<Row>> started = task_->engine->Start(row);
    if (!started.ok()) return started.status();
    rows_.push_back(*std::move(started));
  }
  StartedEvent event{row.prompt->tokens(), std::nullopt};
  if (params.guided()) event.negative = row.negative->tokens();
  task_->sink->Emit(event);
  return absl::OkStatus();
}

Candidate ActiveRequest::AsCandidate(Standing standing) const {
  Candidate candidate = WaitingCandidate(*task_, standing);
  candidate.joined = true;
  for (size_t i = 0; i < rows_.size(); ++i) {
    candidate.steps_left[i] =
        rows_[i] == nullptr ? 0 : rows_[i]->num_steps() - rows_[i]->step();
  }
  return candidate;
}

std::vector<int> ActiveRequest::Denoised() const {
  std::vector<int> images;
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i] != nullptr && rows_[i]->done()) {
      images.push_back(static_cast<int>(i));
    }
  }
  return images;
}

int ActiveRequest::steps_left() const {
  int most = 0;
  for (const std::unique_ptr<Row>& row : rows_) {
    if (row != nullptr) most = std::max(most, row->num_steps() - row->step());
  }
  return most;
}

int ActiveRequest::rows_in_work() const {
  return static_cast<int>(rows_.size() -
                          std::count(rows_.begin(), rows_.end(), nullptr));
}

void ActiveRequest::CountStep(absl::Duration elapsed, int batch_rows) {
  times_.denoise_time += elapsed;
  ++steps_;
  batch_rows_ += batch_rows;
}

void ActiveRequest::DropRow(int image) {
  times_.connector_cache_hits += rows_[image]->connector_cache_hits();
  rows_[image].reset();
}

bool ActiveRequest::SendImage(int image, RgbImage picture) {
  const uint32_t seed = task_->params.seed + static_cast<uint32_t>(image);
  task_->sink->Emit(ImageEvent{image, seed, std::move(picture)});
  if (--left_ > 0) return false;
  times_.mean_batch_rows =
      static_cast<double>(batch_rows_) / std::max(1, steps_);
  task_->sink->Emit(times_);
  return true;
}

}  // namespace ella
