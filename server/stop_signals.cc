#include "server/stop_signals.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

namespace ella {
namespace {

sigset_t StopSet() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  return stops;
}

}  // namespace

void BlockStopSignals() {
  signal(SIGPIPE, SIG_IGN);
  const sigset_t stops = StopSet();
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
}

StopSignals::StopSignals(std::function<void()> on_signal)
    : on_signal_(std::move(on_signal)) {
  thread_ = std::thread([this] {
    const sigset_t stops = StopSet();
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
