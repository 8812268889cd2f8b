#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "server/config/host_port.h"

namespace httplib {
class Server;
}

namespace ella {

// Answers over plain HTTP, on threads of its own. Probes of an orchestrator:
// /healthz while the process lives, /startupz once the model is loaded, /readyz
// while it takes requests; 503 otherwise. Prometheus: /metrics, at any time.
// SetState is thread-safe.
class HttpEndpoint {
 public:
  enum class State { kLoading, kServing, kDraining };

  // Answers from here on. Port 0 picks a free one. `metrics` gives the page in
  // Prometheus' text format 0.0.4, and may be called by any thread for as long
  // as the endpoint lives. FailedPrecondition where the address can't be had.
  static absl::StatusOr<std::unique_ptr<HttpEndpoint>> Start(
      const HostPort& listen, std::function<std::string()> metrics);
  ~HttpEndpoint();

  void SetState(State state) { state_ = state; }
  const HostPort& address() const { return address_; }

 private:
  HttpEndpoint(const HostPort& listen, std::function<std::string()> metrics);
  absl::Status Listen();

  HostPort address_;
  std::atomic<State> state_{State::kLoading};
  const std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
};

}  // namespace ella
