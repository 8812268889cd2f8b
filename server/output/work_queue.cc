#include "server/output/work_queue.h"

#include <utility>

namespace ella {

WorkQueue::WorkQueue(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

WorkQueue::~WorkQueue() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void WorkQueue::Add(Job job) {
  absl::MutexLock lock(&mutex_);
  jobs_.push_back(std::move(job));
}

bool WorkQueue::TryAdd(int max_waiting, Job job) {
  absl::MutexLock lock(&mutex_);
  if (static_cast<int>(jobs_.size()) >= max_waiting) return false;
  jobs_.push_back(std::move(job));
  return true;
}

void WorkQueue::Run() {
  auto woken = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopped_ || !jobs_.empty();
  };
  for (;;) {
    Job job;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&woken));
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace ella
