#include "server/stop_signals.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

namespace ella {

StopSignals::StopSignals(std::function<void()> on_signal)
    : on_signal_(std::move(on_signal)) {
  signal(SIGPIPE, SIG_IGN);
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  thread_ = std::thread([this, stops] {
    int taken;
    while (sigwait(&stops, &taken) == 0 && !stopped_) on_signal_();
  });
}

StopSignals::~StopSignals() {
  stopped_ = true;
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

}  // namespace ella
