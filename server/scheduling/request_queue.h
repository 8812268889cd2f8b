#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/config/server_options.h"
#include "server/scheduling/batch_policy.h"
#include "server/scheduling/caller_ledger.h"
#include "server/scheduling/clock.h"
#include "server/scheduling/cost_tables.h"
#include "server/scheduling/task.h"
#include "server/scheduling/wait_estimate.h"

namespace ella {

// The tasks that wait: first for their texts, then for rows. Bounded: what
// doesn't fit is refused, with the time after which to try again.
//
// Thread-safe. Only the two Waits block; the others hold the lock for some
// microseconds a waiting task, and call no engine and no client under it.
class RequestQueue {
 public:
  struct Ended {
    std::unique_ptr<Task> task;
    absl::Status why;
  };
  // The texts of a waiting task, for the text stage.
  struct TextJob {
    uint64_t id = 0;
    EnginePtr engine;
    std::vector<Text> texts;
    EncodedTexts result;  // what is known so far
  };
  struct Ready {
    uint64_t id = 0;
    Candidate candidate;
  };
  // What the scheduler has taken and not yet ended.
  struct Running {
    int requests = 0;
    int parked_requests = 0;  // of those, without a row in the last step
    std::vector<Load> loads;
  };

  // The arguments outlive the queue.
  RequestQueue(const QueueOptions& options, const Clock* clock,
               const CostTables* costs, CallerLedger* ledger);

  // Takes the task iff the result is OK, and sends its first `queued`;
  // otherwise *task is as before. Close()'s error once closed; DeadlineExceeded
  // where the deadline can't be met; ResourceExhausted where the queue is full,
  // with a retry delay, and where the memory never suffices, without.
  absl::Status Enqueue(std::unique_ptr<Task>* task);

  // For the text thread: waits for a task whose texts nobody has looked at;
  // false once the queue is closed.
  bool WaitForTexts();
  // The texts of up to `most` tasks, in the order of service.
  std::vector<TextJob> TakeTexts(int most);
  // What came of a TextJob; an error ends the task.
  void PutTexts(uint64_t id, absl::StatusOr<EncodedTexts> texts);

  // For the denoising thread: changes whenever a task comes, gets ready or
  // fails, and when the queue is closed.
  int64_t version() const;
  // Waits for another version than `seen`, or until then. False once the queue
  // is closed and empty.
  bool WaitForChange(int64_t seen, absl::Time until);
  // Those whose texts are encoded.
  std::vector<Ready> ReadyTasks();
  // Counts as running from here on.
  std::unique_ptr<Task> Take(uint64_t id);
  // Those cancelled, past their deadline, or failed; for the caller to close.
  std::vector<Ended> TakeEnded();
  void SetRunning(Running running);
  // Sends `queued` to those whose position has changed by a quarter or more.
  void AnnouncePositions();
  int size() const;

  // Refuses new tasks from now on with `why`, the first one given; gives those
  // that wait to the caller to close.
  std::vector<std::unique_ptr<Task>> Close(absl::Status why);

 private:
  enum class TextState { kNeeded, kInWork, kReady };
  struct Entry {
    std::unique_ptr<Task> task;
    TextState text = TextState::kNeeded;
    absl::Status failure;
    int announced_position = 0;
  };

  absl::Status CheckRoom(const Task& task) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckDeadline(const Task& task, absl::Duration wait) const;
  // Indices of entries_ in the order of service, and their waits.
  void Foresee(absl::Time now, std::vector<int>* order,
               std::vector<absl::Duration>* waits) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<Entry>::iterator Find(uint64_t id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const QueueOptions options_;
  const Clock* const clock_;
  const CostTables* const costs_;
  CallerLedger* const ledger_;

  mutable absl::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // oldest first
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  int64_t version_ ABSL_GUARDED_BY(mutex_) = 0;
  int texts_needed_ ABSL_GUARDED_BY(mutex_) = 0;
  Running running_ ABSL_GUARDED_BY(mutex_);
  bool positions_changed_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status why_closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ella
