// Ctrl-C without a signal handler.
#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

namespace ella {

// While it lives, SIGINT and SIGTERM call `on_interrupt` once, on a thread of
// its own where everything is allowed; a second signal ends the process. Must
// be made before any other thread, since each one inherits the signal mask.
class InterruptWatcher {
 public:
  explicit InterruptWatcher(std::function<void()> on_interrupt);
  ~InterruptWatcher();
  InterruptWatcher(const InterruptWatcher&) = delete;
  InterruptWatcher& operator=(const InterruptWatcher&) = delete;

 private:
  void Run();

  const std::function<void()> on_interrupt_;
  sigset_t signals_;
  sigset_t former_mask_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace ella
