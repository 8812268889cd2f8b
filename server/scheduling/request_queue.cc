#include "server/scheduling/request_queue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/scheduling/batch_policy.h"
#include "server/scheduling/retry_delay.h"

namespace ella {
namespace {

constexpr absl::Duration kShortestRetryDelay = absl::Seconds(1);

double WholeWork(const Task& task) {
  return UnetWork(task.params, task.params.steps) * task.params.num_images;
}

}  // namespace

RequestQueue::RequestQueue(const QueueOptions& options, const Clock* clock,
                           const StepTimeEstimator* estimator)
    : options_(options), clock_(clock), estimator_(estimator) {}

absl::Status RequestQueue::CheckRoom(const Task& task) const {
  if (closed_) return absl::UnavailableError("the server is shutting down");
  if (absl::Status s = CheckWanted(task, clock_->Now()); !s.ok()) return s;
  if (static_cast<int>(entries_.size()) < options_.max_queue) {
    return absl::OkStatus();
  }
  absl::Status full = absl::ResourceExhaustedError(
      absl::StrCat("the queue is full: ", entries_.size(), " requests wait"));
  // A place gets free when the running request ends.
  SetRetryDelay(
      std::max(kShortestRetryDelay, estimator_->TimeFor(running_work_)), &full);
  return full;
}

absl::Status RequestQueue::Enqueue(std::unique_ptr<Task>* task) {
  absl::MutexLock lock(&mutex_);
  if (absl::Status s = CheckRoom(**task); !s.ok()) return s;
  (*task)->enqueued_at = clock_->Now();
  (*task)->age = next_age_++;
  auto place = std::find_if(
      entries_.begin(), entries_.end(),
      [&](const Entry& entry) { return ServedBefore(**task, *entry.task); });
  double work_ahead = running_work_;
  for (auto it = entries_.begin(); it != place; ++it) {
    work_ahead += WholeWork(*it->task);
  }
  const int position =
      running_requests_ + static_cast<int>(place - entries_.begin());
  // Under the lock, so that it comes before all that the scheduler sends.
  (*task)->sink->Emit(QueuedEvent{position, estimator_->TimeFor(work_ahead)});
  entries_.insert(place, Entry{std::move(*task), position});
  return absl::OkStatus();
}

bool RequestQueue::WaitForTask() {
  absl::MutexLock lock(&mutex_);
  auto woken = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return closed_ || !entries_.empty();
  };
  mutex_.Await(absl::Condition(&woken));
  return !entries_.empty();
}

std::unique_ptr<Task> RequestQueue::Take() {
  absl::MutexLock lock(&mutex_);
  if (entries_.empty()) return nullptr;
  std::unique_ptr<Task> task = std::move(entries_.front().task);
  entries_.erase(entries_.begin());
  return task;
}

std::vector<RequestQueue::Ended> RequestQueue::TakeEnded() {
  const absl::Time now = clock_->Now();
  std::vector<Ended> ended;
  absl::MutexLock lock(&mutex_);
  auto wanted = [&](Entry& entry) {
    absl::Status why = CheckWanted(*entry.task, now);
    if (why.ok()) return true;
    ended.push_back({std::move(entry.task), std::move(why)});
    return false;
  };
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(),
                                [&](Entry& entry) { return !wanted(entry); }),
                 entries_.end());
  return ended;
}

void RequestQueue::SetRunning(int requests, double work) {
  absl::MutexLock lock(&mutex_);
  running_requests_ = requests;
  running_work_ = work;
}

void RequestQueue::AnnouncePositions() {
  absl::MutexLock lock(&mutex_);
  int position = running_requests_;
  double work_ahead = running_work_;
  for (Entry& entry : entries_) {
    if (entry.announced_position != position) {
      entry.announced_position = position;
      entry.task->sink->Emit(
          QueuedEvent{position, estimator_->TimeFor(work_ahead)});
    }
    ++position;
    work_ahead += WholeWork(*entry.task);
  }
}

std::vector<std::unique_ptr<Task>> RequestQueue::Close() {
  std::vector<std::unique_ptr<Task>> tasks;
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  for (Entry& entry : entries_) tasks.push_back(std::move(entry.task));
  entries_.clear();
  return tasks;
}

}  // namespace ella
