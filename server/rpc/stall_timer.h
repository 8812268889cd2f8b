#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/alarm.h"

namespace ella {

// Tells when one thing takes too long. Start and Stop come one after the other,
// on any threads.
class StallTimer {
 public:
  // on_stall is called on a thread of gRPC, and must not wait for the timer's
  // end. Infinite: it never is.
  StallTimer(absl::Duration limit, std::function<void()> on_stall);
  // No call goes on or comes after that.
  ~StallTimer();

  void Start();
  void Stop();

 private:
  // Outlives the timer by what gRPC has begun.
  struct State {
    absl::Mutex mutex;
    std::function<void()> on_stall ABSL_GUARDED_BY(mutex);  // null at the end
    // Counts up with each Start and Stop.
    int64_t turn ABSL_GUARDED_BY(mutex) = 0;
  };

  const absl::Duration limit_;
  const std::shared_ptr<State> state_;
  // One for each turn: gRPC's can't be set again while its end is under way.
  std::unique_ptr<grpc::Alarm> alarm_;
};

}  // namespace ella
