#pragma once

#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace ella {

// How long each kind of abuse goes on: ELLA_ABUSE_SECONDS, or 2 seconds.
absl::Duration AbuseTime();

// A well-behaved client of a server that is abused: asks for one small image
// after the other, on one connection and on new ones.
class Witness {
 public:
  explicit Witness(const std::string& address, const std::string& prompt = "");
  ~Witness();

  // Requests that were served so far.
  int served() const;
  // Ends it; what went wrong.
  std::vector<std::string> Stop();

 private:
  void Run(const std::string& address, const std::string& prompt);

  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int served_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace ella
