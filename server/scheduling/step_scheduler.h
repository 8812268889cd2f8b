#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "model/api/engine.h"
#include "server/config/server_options.h"
#include "server/scheduling/clock.h"
#include "server/scheduling/request_queue.h"
#include "server/scheduling/step_time_estimator.h"
#include "server/scheduling/task.h"

namespace ella {

// The loop that turns tasks into images. One request runs at a time; its images
// are rows that are stepped together. Between any two engine calls it drops
// what is cancelled or late. An engine's error ends that request alone.
//
// One thread turns it, and is the denoising and text thread of every engine.
// Only Abort may be called by others.
class StepScheduler {
 public:
  // The pointers outlive the scheduler.
  StepScheduler(const BatchOptions& options, RequestQueue* queue,
                StepTimeEstimator* estimator, const Clock* clock);

  // One turn: starts the next request, or steps one batch of rows, or decodes
  // one row. False where there was nothing to do.
  bool RunOnce();

  // Turns until the queue is closed and all work done; sleeps while idle.
  void Run();

  // Ends what runs with Unavailable, at the next turn.
  void Abort() { aborted_ = true; }

 private:
  // The request that runs.
  struct Active {
    std::unique_ptr<Task> task;
    std::vector<std::unique_ptr<Row>> rows;  // by image; null once decoded
    DoneEvent times;
    int steps_run = 0;      // batches it was part of
    int unet_rows_run = 0;  // sum over those batches
  };

  void DropUnwanted();
  bool Turn();
  absl::Status Begin(std::unique_ptr<Task> owned);
  std::optional<int> FirstDoneImage() const;
  absl::Status StepRows();
  void ReportStep(int image_index);
  absl::Status DecodeRow(int image_index);
  // Frees the rows, then closes the sink.
  void End(absl::Status status);
  double WorkLeft() const;

  const BatchOptions options_;
  RequestQueue* const queue_;
  StepTimeEstimator* const estimator_;
  const Clock* const clock_;
  std::atomic<bool> aborted_{false};
  std::unique_ptr<Active> active_;
};

}  // namespace ella
