#include "server/scheduling/task.h"

namespace ella {

absl::Status CheckWanted(const Task& task, absl::Time now) {
  if (*task.cancelled) {
    return absl::CancelledError("the request was cancelled");
  }
  if (now >= task.deadline) {
    return absl::DeadlineExceededError("the request's deadline has passed");
  }
  return absl::OkStatus();
}

}  // namespace ella
