#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/config/server_options.h"
#include "server/scheduling/clock.h"
#include "server/scheduling/step_time_estimator.h"
#include "server/scheduling/task.h"

namespace ella {

// The tasks that wait, in the order of service. Bounded: what doesn't fit is
// refused, with the time after which to try again. Thread-safe; only
// WaitForTask blocks.
class RequestQueue {
 public:
  struct Ended {
    std::unique_ptr<Task> task;
    absl::Status why;
  };

  // The arguments outlive the queue.
  RequestQueue(const QueueOptions& options, const Clock* clock,
               const StepTimeEstimator* estimator);

  // Takes the task iff the result is OK, and sends its first `queued`;
  // otherwise *task is untouched. Unavailable once closed; DeadlineExceeded
  // where the deadline has passed; ResourceExhausted with a retry delay where
  // the queue is full.
  absl::Status Enqueue(std::unique_ptr<Task>* task);

  // True as soon as a task waits; false once the queue is closed and empty.
  bool WaitForTask();

  // The next to be served, or null.
  std::unique_ptr<Task> Take();

  // Those cancelled or past their deadline, for the caller to close.
  std::vector<Ended> TakeEnded();

  // What runs now: it counts as ahead of all that wait.
  void SetRunning(int requests, double work);

  // Sends `queued` to those whose position has changed.
  void AnnouncePositions();

  // Refuses new tasks from now on; gives those that wait to the caller to
  // close.
  std::vector<std::unique_ptr<Task>> Close();

 private:
  struct Entry {
    std::unique_ptr<Task> task;
    int announced_position = 0;
  };

  absl::Status CheckRoom(const Task& task) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const QueueOptions options_;
  const Clock* const clock_;
  const StepTimeEstimator* const estimator_;

  absl::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // first served first
  uint64_t next_age_ ABSL_GUARDED_BY(mutex_) = 0;
  int running_requests_ ABSL_GUARDED_BY(mutex_) = 0;
  double running_work_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ella
