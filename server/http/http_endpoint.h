#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/config/host_port.h"

struct mg_connection;
struct mg_context;

namespace ella {

// Answers over plain HTTP, on threads of its own. Probes of an orchestrator:
// /healthz while the process lives and can do its work, /startupz once the
// model is loaded, /readyz while it takes requests; 503 otherwise. Prometheus:
// /metrics, at any time. Whoever reaches the port may use it, so a client gets
// little of it: a request that isn't whole within two seconds is ended, a long
// one refused, and a body is never read. SetState and SetFailure are
// thread-safe.
class HttpEndpoint {
 public:
  enum class State { kLoading, kServing, kDraining };

  // Answers from here on. Port 0 picks a free one. `metrics` gives the page in
  // Prometheus' text format 0.0.4, and may be called by any thread for as long
  // as the endpoint lives. FailedPrecondition where the address can't be had.
  static absl::StatusOr<std::unique_ptr<HttpEndpoint>> Start(
      const HostPort& listen, std::function<std::string()> metrics);
  ~HttpEndpoint();

  void SetState(State state);
  // Neither healthy nor ready from here on; `why` is what /healthz answers.
  void SetFailure(std::string why);
  const HostPort& address() const { return address_; }

 private:
  struct Answer {
    int status = 200;
    std::string type = "text/plain";
    std::string body;
  };

  HttpEndpoint(const HostPort& listen, std::function<std::string()> metrics);
  absl::Status Listen();
  void Stop();
  static int OnRequest(mg_connection* connection, void* endpoint);
  // What is wrong; empty where nothing is.
  std::string Health() const;
  std::string Readiness() const;
  std::string Startup() const;

  HostPort address_;
  std::map<std::string, std::function<Answer()>> pages_;  // by path
  mutable absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kLoading;
  std::string failure_ ABSL_GUARDED_BY(mutex_);
  mg_context* context_ = nullptr;  // civetweb's server
};

}  // namespace ella
