#include "server/scheduling/step_time_estimator.h"

namespace ella {
namespace {

// Share of the newest observation in the average.
constexpr double kNewest = 0.2;

}  // namespace

void StepTimeEstimator::Observe(double work, absl::Duration elapsed) {
  const double measured = absl::ToDoubleSeconds(elapsed) / work;
  absl::MutexLock lock(&mutex_);
  seconds_per_work_ =
      observed_ ? kNewest * measured + (1 - kNewest) * seconds_per_work_
                : measured;
  observed_ = true;
}

absl::Duration StepTimeEstimator::TimeFor(double work) const {
  absl::MutexLock lock(&mutex_);
  return absl::Seconds(work * seconds_per_work_);
}

}  // namespace ella
