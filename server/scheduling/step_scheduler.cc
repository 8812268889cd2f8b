#include "server/scheduling/step_scheduler.h"

#include <optional>
#include <utility>

#include "server/scheduling/batch_policy.h"

namespace ella {

StepScheduler::StepScheduler(const BatchOptions& options, RequestQueue* queue,
                             StepTimeEstimator* estimator, const Clock* clock)
    : options_(options), queue_(queue), estimator_(estimator), clock_(clock) {}

void StepScheduler::Run() {
  while (RunOnce() || queue_->WaitForTask()) {
  }
}

bool StepScheduler::RunOnce() {
  DropUnwanted();
  const bool worked = Turn();
  queue_->SetRunning(active_ ? 1 : 0, active_ ? WorkLeft() : 0);
  queue_->AnnouncePositions();
  return worked;
}

void StepScheduler::DropUnwanted() {
  for (RequestQueue::Ended& ended : queue_->TakeEnded()) {
    ended.task->sink->Close(std::move(ended.why));
  }
  if (active_ == nullptr) return;
  absl::Status wanted =
      aborted_ ? absl::UnavailableError("the server is shutting down")
               : CheckWanted(*active_->task, clock_->Now());
  if (!wanted.ok()) End(std::move(wanted));
}

bool StepScheduler::Turn() {
  absl::Status status;
  if (active_ == nullptr) {
    std::unique_ptr<Task> task = queue_->Take();
    if (task == nullptr) return false;
    status = Begin(std::move(task));
  } else if (std::optional<int> image = FirstDoneImage(); image.has_value()) {
    status = DecodeRow(*image);
  } else {
    status = StepRows();
  }
  if (!status.ok()) End(std::move(status));
  return true;
}

std::optional<int> StepScheduler::FirstDoneImage() const {
  for (size_t i = 0; i < active_->rows.size(); ++i) {
    if (active_->rows[i] && active_->rows[i]->done()) return i;
  }
  return std::nullopt;
}

absl::Status StepScheduler::Begin(std::unique_ptr<Task> owned) {
  active_ = std::make_unique<Active>();
  active_->task = std::move(owned);
  const Task& task = *active_->task;
  const GenerationParams& params = task.params;
  std::vector<Text> texts = {PromptText(params)};
  if (params.guided()) texts.push_back(NegativeText(params));
  const absl::Time begin = clock_->Now();
  active_->times.queue_time = begin - task.enqueued_at;
  std::vector<absl::StatusOr<EncodingPtr>> encodings =
      task.engine->Encode(texts);
  active_->times.text_time = clock_->Now() - begin;
  for (const absl::StatusOr<EncodingPtr>& encoding : encodings) {
    if (!encoding.ok()) return encoding.status();
  }

  RowParams row;
  row.width = params.width;
  row.height = params.height;
  row.steps = params.steps;
  row.guidance_scale = params.guidance_scale;
  row.sampler = params.sampler;
  row.prompt = *encodings[0];
  if (params.guided()) row.negative = *encodings[1];
  for (int i = 0; i < params.num_images; ++i) {
    row.seed = params.seed + static_cast<uint32_t>(i);
    absl::StatusOr<std::unique_ptr<Row>> started = task.engine->Start(row);
    if (!started.ok()) return started.status();
    active_->rows.push_back(*std::move(started));
  }
  StartedEvent event{row.prompt->tokens(), std::nullopt};
  if (params.guided()) event.negative = row.negative->tokens();
  task.sink->Emit(event);
  return absl::OkStatus();
}

absl::Status StepScheduler::StepRows() {
  const GenerationParams& params = active_->task->params;
  std::vector<int> steps_left;
  for (const std::unique_ptr<Row>& row : active_->rows) {
    steps_left.push_back(row ? row->num_steps() - row->step() : 0);
  }
  const std::vector<int> chosen =
      ChooseRows(steps_left, UnetRowsPerImage(params), options_.max_batch_rows);
  std::vector<Row*> rows;
  for (int i : chosen) rows.push_back(active_->rows[i].get());

  const absl::Time begin = clock_->Now();
  const std::vector<absl::Status> statuses = active_->task->engine->Step(rows);
  const absl::Duration elapsed = clock_->Now() - begin;
  for (const absl::Status& status : statuses) {
    if (!status.ok()) return status;
  }
  const int count = static_cast<int>(rows.size());
  estimator_->Observe(UnetWork(params, 1) * count, elapsed);
  active_->times.denoise_time += elapsed;
  active_->steps_run += 1;
  active_->unet_rows_run += count * UnetRowsPerImage(params);
  for (int i : chosen) ReportStep(i);
  return absl::OkStatus();
}

void StepScheduler::ReportStep(int image_index) {
  const Task& task = *active_->task;
  const Row& row = *active_->rows[image_index];
  task.sink->Emit(ProgressEvent{image_index, row.step(), row.num_steps(),
                                estimator_->TimeFor(WorkLeft())});
  const PreviewSettings& preview = task.preview;
  if (preview.every_steps == 0 || row.step() % preview.every_steps != 0) return;
  absl::StatusOr<RgbImage> image =
      task.engine->Preview(row, preview.kind, preview.max_side);
  // The image matters more than a look on the way to it.
  if (!image.ok()) return;
  task.sink->Emit(PreviewEvent{image_index, row.step(), *std::move(image)});
}

absl::Status StepScheduler::DecodeRow(int image_index) {
  const Task& task = *active_->task;
  Row* row = active_->rows[image_index].get();
  const absl::Time begin = clock_->Now();
  std::vector<absl::StatusOr<RgbImage>> images = task.engine->Decode({&row, 1});
  active_->times.decode_time += clock_->Now() - begin;
  if (!images[0].ok()) return images[0].status();
  active_->rows[image_index].reset();
  const uint32_t seed = task.params.seed + static_cast<uint32_t>(image_index);
  task.sink->Emit(ImageEvent{image_index, seed, *std::move(images[0])});
  for (const std::unique_ptr<Row>& left : active_->rows) {
    if (left != nullptr) return absl::OkStatus();
  }
  active_->times.mean_batch_rows =
      static_cast<double>(active_->unet_rows_run) / active_->steps_run;
  task.sink->Emit(active_->times);
  End(absl::OkStatus());
  return absl::OkStatus();
}

void StepScheduler::End(absl::Status status) {
  const std::shared_ptr<EventSink> sink = active_->task->sink;
  active_.reset();
  sink->Close(std::move(status));
}

double StepScheduler::WorkLeft() const {
  double work = 0;
  for (const std::unique_ptr<Row>& row : active_->rows) {
    if (row == nullptr) continue;
    work += UnetWork(active_->task->params, row->num_steps() - row->step());
  }
  return work;
}

}  // namespace ella
