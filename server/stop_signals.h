#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace ella {

// Takes SIGTERM and SIGINT on a thread of its own, so that nothing happens in a
// signal handler. Make it before any other thread: those started later inherit
// that the two are blocked. SIGPIPE is ignored from then on.
class StopSignals {
 public:
  // on_signal is called for each signal, on the thread.
  explicit StopSignals(std::function<void()> on_signal);
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

 private:
  const std::function<void()> on_signal_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace ella
