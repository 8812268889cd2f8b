#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace ella {

// The requests that wait or run, by id, so that their callers can cancel them.
// Thread-safe; no call waits.
class ActiveRequests {
 public:
  // AlreadyExists while another request has the id.
  absl::Status Add(const std::string& id, const std::string& caller,
                   std::shared_ptr<std::atomic<bool>> cancelled);

  // The request's work has stopped; calls back those who cancelled it.
  void Remove(const std::string& id);

  // Sets the request's cancel flag; on_stopped is called when its work has
  // stopped. NotFound, and no call back, where the caller has no such request.
  absl::Status Cancel(const std::string& id, const std::string& caller,
                      absl::AnyInvocable<void()> on_stopped);

 private:
  struct Entry {
    std::string caller;
    std::shared_ptr<std::atomic<bool>> cancelled;
    std::vector<absl::AnyInvocable<void()>> on_stopped;
  };

  absl::Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ella
