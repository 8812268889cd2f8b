#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "model/api/engine.h"
#include "server/config/server_options.h"
#include "server/metrics/metrics.h"
#include "server/scheduling/active_request.h"
#include "server/scheduling/batch_policy.h"
#include "server/scheduling/caller_ledger.h"
#include "server/scheduling/clock.h"
#include "server/scheduling/cost_tables.h"
#include "server/scheduling/decode_stage.h"
#include "server/scheduling/filler_rows.h"
#include "server/scheduling/request_queue.h"
#include "server/scheduling/text_stage.h"

namespace ella {

// The loop that turns tasks into images. Each turn drops what is cancelled or
// late, asks the policy, lets requests join, takes the chosen rows one step on
// by one UNet call, and runs some slices of decoding: no more than half the
// step's time, or one slice. An engine's error ends its request alone; a batch
// that is too large for the memory is split. A lost device closes the queue and
// ends all requests with Unavailable.
//
// One thread turns it, and is the denoising thread of every engine. Only Abort
// may be called by others.
class StepScheduler {
 public:
  // All outlive the scheduler.
  struct Parts {
    RequestQueue* queue = nullptr;
    CostTables* costs = nullptr;
    CallerLedger* ledger = nullptr;
    const Clock* clock = nullptr;
    Metrics* metrics = nullptr;
    // Turned by this loop, where it has no thread of its own; else null.
    TextStage* text_stage = nullptr;
    // Told once where an engine has lost its device, after all requests have
    // been ended; no engine is called any more. On the loop's thread; may be
    // null.
    std::function<void(const absl::Status& why)> on_device_lost;
  };

  StepScheduler(const BatchOptions& options, const Parts& parts);

  // One turn. False where there was nothing to do.
  bool RunOnce();

  // Turns until the queue is closed and all work done; sleeps while idle.
  void Run();

  // Ends what runs with Unavailable, at the next turn.
  void Abort() { aborted_ = true; }

 private:
  // A row of the batch in work.
  struct Chosen {
    uint64_t request_id = 0;
    ActiveRequest* request = nullptr;
    int image = 0;
    absl::Status status;
  };

  // Without thought for a lost device.
  bool Turn();
  // What a request gets to know of the error; notes a lost device.
  absl::Status Judge(absl::Status error);
  void GiveUp();
  void DropUnwanted();
  // Chooses the rows of the next step, after starting those that join; tells
  // whether any did.
  std::vector<Chosen> FormBatch(bool* joined);
  void Join(uint64_t id);
  void CountParked(absl::Span<const Chosen> batch);
  // What the step took.
  absl::Duration StepBatch(std::vector<Chosen> batch);
  // Splits the rows until they fit the memory.
  void CallEngine(absl::Span<Chosen> rows);
  void CountStep(absl::Span<const Chosen> batch, absl::Duration elapsed);
  void ReportStep(const Chosen& row, absl::Duration step_time);
  void Preview(const Chosen& row);
  void StartDecoding();
  void Deliver(DecodeStage::Finished finished);
  void SendPreview(ActiveRequest* request, int image, int step,
                   absl::StatusOr<RgbImage> preview);
  ActiveRequest* Find(uint64_t id);
  // Frees what the request holds, then closes its sink.
  void End(uint64_t id, absl::Status status);
  void Publish();

  const BatchOptions options_;
  RequestQueue* const queue_;
  CostTables* const costs_;
  CallerLedger* const ledger_;
  const Clock* const clock_;
  Metrics* const metrics_;
  TextStage* const text_stage_;
  const std::function<void(const absl::Status&)> on_device_lost_;
  std::atomic<bool> aborted_{false};
  absl::Status device_lost_;
  std::vector<std::unique_ptr<ActiveRequest>> active_;
  DecodeStage decode_stage_;
  FillerRows fillers_;  // with Batching::kRequest
  absl::Time wake_at_ = absl::InfiniteFuture();
};

}  // namespace ella
