#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/scheduling/event_sink.h"

namespace ella {

// Keeps all that it is told. Thread-safe.
class RecordingSink final : public EventSink {
 public:
  void Emit(Event event) override;
  void Close(absl::Status status) override;

  // The events so far, such as "queued 1", "started", "progress 0 3/5",
  // "preview 0 3", "image 0 seed 7", "done"; and at last "closed OK".
  std::vector<std::string> log() const;

  template <typename T>
  std::vector<T> All() const {
    absl::MutexLock lock(&mutex_);
    std::vector<T> all;
    for (const Event& event : events_) {
      if (const T* match = std::get_if<T>(&event)) all.push_back(*match);
    }
    return all;
  }

  // How it ended; nothing while it goes on.
  std::optional<absl::Status> end() const;

 private:
  mutable absl::Mutex mutex_;
  std::vector<Event> events_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> log_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ella
