#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "server/config/host_port.h"

namespace httplib {
class Server;
}

namespace ella {

// Answers an orchestrator's probes over plain HTTP: /healthz while the process
// lives, /startupz once the model is loaded, /readyz while it takes requests;
// 503 otherwise. Runs on threads of its own. SetState is thread-safe.
class HealthEndpoint {
 public:
  enum class State { kLoading, kServing, kDraining };

  // Answers from here on. Port 0 picks a free one. FailedPrecondition where the
  // address can't be had.
  static absl::StatusOr<std::unique_ptr<HealthEndpoint>> Start(
      const HostPort& listen);
  ~HealthEndpoint();

  void SetState(State state) { state_ = state; }
  const HostPort& address() const { return address_; }

 private:
  explicit HealthEndpoint(const HostPort& listen);
  absl::Status Listen();

  HostPort address_;
  std::atomic<State> state_{State::kLoading};
  const std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
};

}  // namespace ella
