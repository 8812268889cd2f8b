#pragma once

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace ella {

// Threads that run jobs, oldest first; with one thread, one after another.
// Thread-safe.
class WorkQueue {
 public:
  using Job = absl::AnyInvocable<void()>;

  explicit WorkQueue(int threads);
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  // Runs what is left.
  ~WorkQueue();

  // Never waits.
  void Add(Job job);

  // Takes the job iff fewer than max_waiting wait.
  bool TryAdd(int max_waiting, Job job);

 private:
  void Run();

  absl::Mutex mutex_;
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace ella
