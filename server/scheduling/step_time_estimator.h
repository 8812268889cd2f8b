#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace ella {

// Foretells how long UNet work takes from a running average of the steps
// measured so far. Work is counted as UnetWork() does. Thread-safe.
class StepTimeEstimator {
 public:
  void Observe(double work, absl::Duration elapsed);

  // Zero before the first observation.
  absl::Duration TimeFor(double work) const;

 private:
  mutable absl::Mutex mutex_;
  double seconds_per_work_ ABSL_GUARDED_BY(mutex_) = 0;
  bool observed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ella
