#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace ella {

// Call it before any thread starts: those started later inherit that SIGTERM
// and SIGINT are blocked, so that they wait for StopSignals. SIGPIPE is ignored
// from then on.
void BlockStopSignals();

// Takes SIGTERM and SIGINT on a thread of its own, so that nothing happens in a
// signal handler. They are blocked before.
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
