#include "server/rpc/stall_timer.h"

#include <utility>

#include "absl/time/clock.h"

namespace ella {

StallTimer::StallTimer(absl::Duration limit, std::function<void()> on_stall)
    : limit_(limit), state_(std::make_shared<State>()) {
  absl::MutexLock lock(&state_->mutex);
  state_->on_stall = std::move(on_stall);
}

StallTimer::~StallTimer() {
  absl::MutexLock lock(&state_->mutex);
  state_->on_stall = nullptr;
}

void StallTimer::Start() {
  if (limit_ == absl::InfiniteDuration()) return;
  int64_t turn;
  {
    absl::MutexLock lock(&state_->mutex);
    turn = ++state_->turn;
  }
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(absl::ToChronoTime(absl::Now() + limit_),
              [state = state_, turn](bool expired) {
                absl::MutexLock lock(&state->mutex);
                if (!expired || state->turn != turn) return;
                if (state->on_stall) state->on_stall();
              });
}

void StallTimer::Stop() {
  {
    absl::MutexLock lock(&state_->mutex);
    ++state_->turn;
  }
  alarm_.reset();
}

}  // namespace ella
