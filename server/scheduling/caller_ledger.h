#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/scheduling/service_order.h"
#include "server/scheduling/task.h"

namespace ella {

// Who has had how much of the device, and who waits how long: what a request's
// standing is made of. Knows the requests that wait or run. Thread-safe, and
// holds its lock for no longer than a look-up.
class CallerLedger {
 public:
  // A request comes, of task.caller and task.priority. A caller who had none
  // starts level with the least served, without credit for the time away.
  void Enter(const Task& task, absl::Time now);
  // It has ended with all of its images.
  void Complete(const Task& task, absl::Time now);
  // It has ended without.
  void Leave(const Task& task);

  // Work done for the caller, in any unit that is the same for all.
  void Charge(const Task& task, double work);

  Standing StandingOf(const Task& task, absl::Time now) const;

 private:
  // Requests of one caller and priority. They wait since the oldest came, or
  // since the last of them was completed: a caller who is served doesn't rise.
  struct Lane {
    int requests = 0;
    absl::Time waiting_since;
  };
  struct Caller {
    int number = 0;
    double service = 0;
    std::map<int, Lane> lanes;  // by priority
  };

  void Remove(const Task& task) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::map<std::string, Caller> callers_ ABSL_GUARDED_BY(mutex_);
  int next_number_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ella
