#include "server/http/http_endpoint.h"

#include <httplib.h>
#include <sys/socket.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace ella {
namespace {

constexpr int kThreads = 2;

httplib::Server::Handler Answer(std::function<std::string()> wrong) {
  return [wrong = std::move(wrong)](const httplib::Request&,
                                    httplib::Response& response) {
    const std::string what = wrong();
    response.status = what.empty() ? 200 : 503;
    response.set_content(what.empty() ? "ok\n" : absl::StrCat(what, "\n"),
                         "text/plain");
  };
}

}  // namespace

HttpEndpoint::HttpEndpoint(const HostPort& listen,
                           std::function<std::string()> metrics)
    : address_(listen), server_(std::make_unique<httplib::Server>()) {
  server_->Get("/healthz", Answer([this] { return Health(); }));
  server_->Get("/readyz", Answer([this] { return Readiness(); }));
  server_->Get("/startupz", Answer([this] { return Startup(); }));
  server_->Get("/metrics", [metrics = std::move(metrics)](
                               const httplib::Request&,
                               httplib::Response& response) {
    response.set_content(metrics(), "text/plain; version=0.0.4; charset=utf-8");
  });
  // A scraper's kept connection would hold a thread that a probe needs.
  server_->set_keep_alive_max_count(1);
  server_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  // The library's default would let two servers share one port.
  server_->set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
}

absl::StatusOr<std::unique_ptr<HttpEndpoint>> HttpEndpoint::Start(
    const HostPort& listen, std::function<std::string()> metrics) {
  std::unique_ptr<HttpEndpoint> endpoint(
      new HttpEndpoint(listen, std::move(metrics)));
  if (absl::Status s = endpoint->Listen(); !s.ok()) return s;
  return endpoint;
}

absl::Status HttpEndpoint::Listen() {
  const bool any = address_.port == 0;
  const int port =
      any ? server_->bind_to_any_port(address_.host) : address_.port;
  if (port < 0 || (!any && !server_->bind_to_port(address_.host, port))) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen for HTTP on ", address_.ToString(),
                     ": the port is in use, or not an address of this host"));
  }
  address_.port = port;
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  // The library ignores a stop that comes before it listens. Once it has
  // answered, it does.
  httplib::Client(address_.host, address_.port).Get("/healthz");
  return absl::OkStatus();
}

void HttpEndpoint::SetState(State state) {
  absl::MutexLock lock(&mutex_);
  state_ = state;
}

void HttpEndpoint::SetFailure(std::string why) {
  absl::MutexLock lock(&mutex_);
  failure_ = std::move(why);
}

std::string HttpEndpoint::Health() const {
  absl::MutexLock lock(&mutex_);
  return failure_;
}

std::string HttpEndpoint::Readiness() const {
  absl::MutexLock lock(&mutex_);
  if (!failure_.empty()) return failure_;
  if (state_ == State::kLoading) return "loading";
  return state_ == State::kDraining ? "shutting down" : "";
}

std::string HttpEndpoint::Startup() const {
  absl::MutexLock lock(&mutex_);
  return state_ == State::kLoading ? "loading" : "";
}

HttpEndpoint::~HttpEndpoint() {
  server_->stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace ella
