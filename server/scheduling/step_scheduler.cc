#include "server/scheduling/step_scheduler.h"

#include <algorithm>
#include <utility>

#include "server/scheduling/request_cost.h"

namespace ella {
namespace {

// Of the last step's time, what decoding may take before the next.
constexpr double kDecodeShare = 0.5;

absl::Status ServerLost() {
  return absl::UnavailableError("the server's device has failed");
}

int UnetRows(const ActiveRequest& request) {
  return UnetRowsPerImage(request.task().params);
}

}  // namespace

StepScheduler::StepScheduler(const BatchOptions& options, const Parts& parts)
    : options_(options),
      queue_(parts.queue),
      costs_(parts.costs),
      ledger_(parts.ledger),
      clock_(parts.clock),
      metrics_(parts.metrics),
      text_stage_(parts.text_stage),
      on_device_lost_(parts.on_device_lost),
      decode_stage_(parts.clock) {}

void StepScheduler::Run() {
  for (;;) {
    const int64_t seen = queue_->version();
    if (RunOnce()) continue;
    if (!queue_->WaitForChange(seen, wake_at_)) return;
  }
}

bool StepScheduler::RunOnce() {
  if (!device_lost_.ok()) return false;
  const bool worked = Turn();
  if (!device_lost_.ok()) GiveUp();
  Publish();
  return worked;
}

bool StepScheduler::Turn() {
  DropUnwanted();
  bool worked = text_stage_ != nullptr && text_stage_->RunOnce();
  bool joined = false;
  std::vector<Chosen> batch = FormBatch(&joined);
  worked = worked || joined;
  CountParked(batch);
  absl::Duration step_time;
  if (!device_lost_.ok()) return worked;
  if (!batch.empty()) {
    worked = true;
    step_time = StepBatch(std::move(batch));
    if (device_lost_.ok()) StartDecoding();
  }
  if (!decode_stage_.idle() && device_lost_.ok()) {
    worked = true;
    for (DecodeStage::Finished& finished :
         decode_stage_.Run(kDecodeShare * step_time)) {
      Deliver(std::move(finished));
    }
  }
  return worked;
}

absl::Status StepScheduler::Judge(absl::Status error) {
  // No other one is Unavailable, but that of Abort.
  if (absl::IsUnavailable(error) && !aborted_) device_lost_.Update(error);
  return error.ok() || device_lost_.ok() ? error : ServerLost();
}

void StepScheduler::GiveUp() {
  for (std::unique_ptr<Task>& task : queue_->Close(ServerLost())) {
    task->sink->Close(ServerLost());
  }
  while (!active_.empty()) End(active_.back()->task().id, ServerLost());
  if (on_device_lost_) on_device_lost_(device_lost_);
}

void StepScheduler::DropUnwanted() {
  for (RequestQueue::Ended& ended : queue_->TakeEnded()) {
    ended.task->sink->Close(Judge(std::move(ended.why)));
  }
  const absl::Time now = clock_->Now();
  std::vector<std::pair<uint64_t, absl::Status>> unwanted;
  for (const auto& request : active_) {
    absl::Status wanted =
        aborted_ ? absl::UnavailableError("the server is shutting down")
                 : CheckWanted(request->task(), now);
    if (!wanted.ok()) unwanted.emplace_back(request->task().id, wanted);
  }
  for (auto& [id, why] : unwanted) End(id, std::move(why));
}

std::vector<StepScheduler::Chosen> StepScheduler::FormBatch(bool* joined) {
  const absl::Time now = clock_->Now();
  std::vector<Candidate> candidates;
  std::vector<uint64_t> ids;
  for (const auto& request : active_) {
    const Task& task = request->task();
    candidates.push_back(request->AsCandidate(ledger_->StandingOf(task, now)));
    ids.push_back(task.id);
  }
  for (RequestQueue::Ready& ready : queue_->ReadyTasks()) {
    candidates.push_back(std::move(ready.candidate));
    ids.push_back(ready.id);
  }
  const BatchDecision decision = DecideBatch(
      options_, candidates,
      [this](const Engine* engine, const BatchKey& key) {
        return costs_->Of(engine).RowLimit(key.latent_height *
                                           key.latent_width);
      },
      now);
  wake_at_ = decision.wake_at;
  // The batch has ended, if there was one.
  if (decision.step.empty() || !decision.join.empty()) fillers_.Clear();

  *joined = !decision.join.empty();
  for (int candidate : decision.join) Join(ids[candidate]);
  std::vector<Chosen> batch;
  for (const RowChoice& choice : decision.step) {
    // One that couldn't join is gone.
    const uint64_t id = ids[choice.candidate];
    ActiveRequest* request = Find(id);
    if (request != nullptr) batch.push_back({id, request, choice.image, {}});
  }
  return batch;
}

void StepScheduler::Join(uint64_t id) {
  std::unique_ptr<Task> task = queue_->Take(id);
  if (task == nullptr) return;  // the queue was closed meanwhile
  const absl::Time now = clock_->Now();
  metrics_->queue_wait_seconds.Observe(
      absl::ToDoubleSeconds(now - task->enqueued_at));
  metrics_->joins_total.Increment(task->params.num_images);
  active_.push_back(std::make_unique<ActiveRequest>(std::move(task)));
  absl::Status started = active_.back()->Start(now);
  if (!started.ok()) End(id, std::move(started));
}

void StepScheduler::CountParked(absl::Span<const Chosen> batch) {
  int unet_rows = 0, parked = 0;
  for (const Chosen& row : batch) unet_rows += UnetRows(*row.request);
  for (const auto& request : active_) {
    const bool stepped_before = request->stepped;
    request->stepped = std::any_of(
        batch.begin(), batch.end(),
        [&](const Chosen& row) { return row.request == request.get(); });
    if (request->stepped) continue;
    parked += request->rows_in_work();
    if (stepped_before)
      metrics_->parks_total.Increment(request->rows_in_work());
  }
  metrics_->parked_rows.Set(parked);
  metrics_->running_rows.Set(unet_rows);
}

absl::Duration StepScheduler::StepBatch(std::vector<Chosen> batch) {
  const absl::Time begin = clock_->Now();
  CallEngine(absl::MakeSpan(batch));
  const absl::Duration elapsed = clock_->Now() - begin;
  CountStep(batch, elapsed);
  for (const Chosen& row : batch) {
    if (row.status.ok()) ReportStep(row, elapsed);
  }
  for (const Chosen& row : batch) {
    // The request may have ended by another of its rows.
    if (!row.status.ok()) End(row.request_id, row.status);
  }
  return elapsed;
}

void StepScheduler::CallEngine(absl::Span<Chosen> rows) {
  const Task& first = rows[0].request->task();
  StepCostTable& costs = costs_->Of(first.engine.get());
  const int pixels = LatentPixels(first);
  std::vector<Row*> engine_rows;
  int unet_rows = 0;
  for (const Chosen& row : rows) {
    engine_rows.push_back(row.request->row(row.image));
    unet_rows += UnetRows(*row.request);
  }
  fillers_.AddTo(first.engine.get(), &engine_rows, &unet_rows);
  const absl::Time begin = clock_->Now();
  std::vector<absl::Status> statuses = first.engine->Step(engine_rows);
  const absl::Duration elapsed = clock_->Now() - begin;
  bool out_of_memory = true;
  for (size_t i = 0; i < rows.size(); ++i) {
    out_of_memory = out_of_memory && absl::IsResourceExhausted(statuses[i]);
    rows[i].status = std::move(statuses[i]);
  }
  if (!out_of_memory) {
    costs.Observe(pixels, unet_rows, elapsed);
    metrics_->steps_total.Increment();
    metrics_->row_steps_total.Increment(unet_rows);
    metrics_->step_batch_rows.Observe(unet_rows);
    metrics_->batch_row_limit.Set(costs.RowLimit(pixels));
    metrics_->step_duration_seconds.Observe(absl::ToDoubleSeconds(elapsed));
    return;
  }
  metrics_->out_of_memory_total.Increment();
  if (!fillers_.empty()) {
    fillers_.Clear();
    return CallEngine(rows);
  }
  if (rows.size() == 1) return;
  costs.CapRows(pixels, unet_rows / 2);
  metrics_->batch_splits_total.Increment();
  CallEngine(rows.first(rows.size() / 2));
  CallEngine(rows.subspan(rows.size() / 2));
}

void StepScheduler::CountStep(absl::Span<const Chosen> batch,
                              absl::Duration elapsed) {
  const absl::Time now = clock_->Now();
  int batch_rows = 0;
  for (const Chosen& row : batch) batch_rows += UnetRows(*row.request);
  ActiveRequest* last = nullptr;  // rows of a request stand together
  for (const Chosen& row : batch) {
    const Task& task = row.request->task();
    if (row.request != last) row.request->CountStep(elapsed, batch_rows);
    last = row.request;
    const int rows = UnetRowsPerImage(task.params);
    ledger_->Charge(task, static_cast<double>(LatentPixels(task)) * rows);
    if (!CheckWanted(task, now).ok()) {
      metrics_->row_steps_after_cancel_total.Increment(rows);
    }
  }
}

void StepScheduler::ReportStep(const Chosen& chosen, absl::Duration step_time) {
  const Task& task = chosen.request->task();
  const Row& row = *chosen.request->row(chosen.image);
  const absl::Duration eta =
      step_time * chosen.request->steps_left() +
      costs_->Of(task.engine.get()).DecodeTime(LatentPixels(task));
  task.sink->Emit(
      ProgressEvent{chosen.image, row.step(), row.num_steps(), eta});
  if (task.preview.every_steps == 0 || row.done() ||
      row.step() % task.preview.every_steps != 0) {
    return;
  }
  Preview(chosen);
}

void StepScheduler::Preview(const Chosen& chosen) {
  const Task& task = chosen.request->task();
  const Row& row = *chosen.request->row(chosen.image);
  absl::StatusOr<std::unique_ptr<Decoding>> decoding =
      task.engine->StartPreview(row, task.preview.kind, task.preview.max_side);
  if (task.preview.kind == PreviewKind::kRgb) {
    SendPreview(chosen.request, chosen.image, row.step(),
                std::move(FinishDecoding(std::move(decoding))[0]));
  } else if (decoding.ok() &&
             !decode_stage_.AddPreview(*std::move(decoding),
                                       {task.id, chosen.image}, row.step())) {
    metrics_->previews_dropped_decoder.Increment();
  }
}

void StepScheduler::SendPreview(ActiveRequest* request, int image, int step,
                                absl::StatusOr<RgbImage> preview) {
  // The image matters more than a look on the way to it.
  if (!preview.ok()) return;
  request->task().sink->Emit(PreviewEvent{image, step, *std::move(preview)});
}

void StepScheduler::StartDecoding() {
  // Rows of one engine and size are decoded together.
  struct Group {
    EnginePtr engine;
    std::vector<Row*> rows;
    std::vector<DecodeStage::Picture> pictures;
  };
  std::vector<Group> groups;
  for (const auto& request : active_) {
    const EnginePtr& engine = request->task().engine;
    for (int image : request->Denoised()) {
      Row* row = request->row(image);
      auto group =
          std::find_if(groups.begin(), groups.end(), [&](const Group& other) {
            return other.engine == engine && other.rows[0]->key() == row->key();
          });
      if (group == groups.end()) {
        groups.push_back({engine, {}, {}});
        group = groups.end() - 1;
      }
      group->rows.push_back(row);
      group->pictures.push_back({request->task().id, image});
    }
  }
  for (Group& group : groups) {
    absl::StatusOr<std::unique_ptr<Decoding>> decoding =
        group.engine->StartDecode(group.rows);
    for (const DecodeStage::Picture& picture : group.pictures) {
      if (decoding.ok()) {
        ActiveRequest* request = Find(picture.request);
        if (options_.batching == Batching::kRequest) {
          fillers_.Add(group.engine, request->row_params());
        }
        request->DropRow(picture.image_index);
      } else {
        End(picture.request, decoding.status());
      }
    }
    if (decoding.ok()) {
      decode_stage_.AddImages(*std::move(decoding), std::move(group.pictures));
    }
  }
}

void StepScheduler::Deliver(DecodeStage::Finished finished) {
  if (finished.preview_step == 0) {
    metrics_->decode_duration_seconds.Observe(
        absl::ToDoubleSeconds(finished.time));
  }
  for (size_t i = 0; i < finished.pictures.size(); ++i) {
    const auto [id, image_index] = finished.pictures[i];
    ActiveRequest* request = Find(id);
    // Cancelled, or ended by another of its images.
    if (request == nullptr) continue;
    absl::StatusOr<RgbImage>& image = finished.images[i];
    if (finished.preview_step > 0) {
      SendPreview(request, image_index, finished.preview_step,
                  std::move(image));
      continue;
    }
    if (!image.ok()) {
      End(id, image.status());
      continue;
    }
    const Task& task = request->task();
    costs_->Of(task.engine.get())
        .ObserveDecode(LatentPixels(task),
                       static_cast<int>(finished.pictures.size()),
                       finished.time);
    metrics_->images_total.Increment();
    request->CountDecode(finished.time);
    if (request->SendImage(image_index, *std::move(image))) {
      End(id, absl::OkStatus());
    }
  }
}

ActiveRequest* StepScheduler::Find(uint64_t id) {
  for (const auto& request : active_) {
    if (request->task().id == id) return request.get();
  }
  return nullptr;
}

void StepScheduler::End(uint64_t id, absl::Status status) {
  const auto request =
      std::find_if(active_.begin(), active_.end(),
                   [id](const auto& each) { return each->task().id == id; });
  if (request == active_.end()) return;
  const std::shared_ptr<EventSink> sink = (*request)->task().sink;
  if (status.ok()) {
    ledger_->Complete((*request)->task(), clock_->Now());
  } else {
    ledger_->Leave((*request)->task());
  }
  decode_stage_.Drop(id);
  active_.erase(request);
  sink->Close(Judge(std::move(status)));
}

void StepScheduler::Publish() {
  RequestQueue::Running running;
  int images = 0;
  for (const auto& request : active_) {
    const Task& task = request->task();
    ++running.requests;
    running.parked_requests += !request->stepped && request->rows_in_work() > 0;
    images += request->images_left();
    running.loads.push_back(
        LoadOf(task, request->rows_in_work(), request->steps_left(), *costs_));
  }
  metrics_->active_requests.Set(running.requests);
  metrics_->active_rows.Set(images);
  metrics_->queue_depth.Set(queue_->size());
  queue_->SetRunning(std::move(running));
  queue_->AnnouncePositions();
}

}  // namespace ella
