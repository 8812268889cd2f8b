#include "server/scheduling/caller_ledger.h"

#include <algorithm>

namespace ella {
namespace {

// Priorities beyond these count as these.
constexpr int kMostUrgent = 10;
// Waiting so long is worth one priority.
constexpr absl::Duration kWaitPerClass = absl::Seconds(30);

int ClampedPriority(const Task& task) {
  return std::clamp(task.priority, -kMostUrgent, kMostUrgent);
}

}  // namespace

void CallerLedger::Enter(const Task& task, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  auto [it, is_new] = callers_.try_emplace(task.caller);
  Caller& caller = it->second;
  if (is_new) {
    caller.number = next_number_++;
    bool first = true;
    for (const auto& [name, other] : callers_) {
      if (&other == &caller) continue;
      caller.service =
          first ? other.service : std::min(caller.service, other.service);
      first = false;
    }
  }
  Lane& lane = caller.lanes[ClampedPriority(task)];
  if (lane.requests++ == 0) lane.waiting_since = now;
}

void CallerLedger::Complete(const Task& task, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  auto caller = callers_.find(task.caller);
  if (caller == callers_.end()) return;
  caller->second.lanes[ClampedPriority(task)].waiting_since = now;
  Remove(task);
}

void CallerLedger::Leave(const Task& task) {
  absl::MutexLock lock(&mutex_);
  Remove(task);
}

void CallerLedger::Remove(const Task& task) {
  auto caller = callers_.find(task.caller);
  if (caller == callers_.end()) return;
  auto lane = caller->second.lanes.find(ClampedPriority(task));
  if (lane == caller->second.lanes.end()) return;
  if (--lane->second.requests == 0) caller->second.lanes.erase(lane);
  if (caller->second.lanes.empty()) callers_.erase(caller);
}

void CallerLedger::Charge(const Task& task, double work) {
  absl::MutexLock lock(&mutex_);
  auto caller = callers_.find(task.caller);
  if (caller != callers_.end()) caller->second.service += work;
}

Standing CallerLedger::StandingOf(const Task& task, absl::Time now) const {
  Standing standing;
  standing.service_class = ClampedPriority(task);
  standing.deadline = task.deadline;
  standing.age = task.id;
  absl::MutexLock lock(&mutex_);
  auto caller = callers_.find(task.caller);
  if (caller == callers_.end()) return standing;
  standing.caller = caller->second.number;
  standing.caller_service = caller->second.service;
  auto lane = caller->second.lanes.find(standing.service_class);
  if (lane != caller->second.lanes.end()) {
    standing.service_class +=
        static_cast<int>((now - lane->second.waiting_since) / kWaitPerClass);
  }
  return standing;
}

}  // namespace ella
