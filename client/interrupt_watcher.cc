#include "client/interrupt_watcher.h"

#include <pthread.h>
#include <unistd.h>

#include <utility>

namespace ella {

InterruptWatcher::InterruptWatcher(std::function<void()> on_interrupt)
    : on_interrupt_(std::move(on_interrupt)) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &former_mask_);
  thread_ = std::thread([this] { Run(); });
}

InterruptWatcher::~InterruptWatcher() {
  stopping_ = true;
  pthread_kill(thread_.native_handle(), SIGINT);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &former_mask_, nullptr);
}

void InterruptWatcher::Run() {
  for (bool first = true;; first = false) {
    int signal = 0;
    sigwait(&signals_, &signal);
    if (stopping_) return;
    if (!first) _exit(1);
    on_interrupt_();
  }
}

}  // namespace ella
