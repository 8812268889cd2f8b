#include "server/http/http_endpoint.h"

#include <civetweb.h>

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace ella {
namespace {

// So many clients that say nothing hold a probe up for two seconds.
constexpr const char* kThreads = "32";
// From the first byte of a request to its last.
constexpr const char* kRequestMs = "2000";
constexpr const char* kRequestBytes = "8192";

bool HasBody(const mg_connection* connection) {
  return mg_get_request_info(connection)->content_length > 0 ||
         mg_get_header(connection, "Transfer-Encoding") != nullptr;
}

}  // namespace

HttpEndpoint::HttpEndpoint(const HostPort& listen,
                           std::function<std::string()> metrics)
    : address_(listen) {
  const auto probe = [this](std::string (HttpEndpoint::*wrong)() const) {
    return [this, wrong]() -> Answer {
      const std::string what = (this->*wrong)();
      if (what.empty()) return {.body = "ok\n"};
      return {.status = 503, .body = absl::StrCat(what, "\n")};
    };
  };
  pages_["/healthz"] = probe(&HttpEndpoint::Health);
  pages_["/readyz"] = probe(&HttpEndpoint::Readiness);
  pages_["/startupz"] = probe(&HttpEndpoint::Startup);
  pages_["/metrics"] = [metrics = std::move(metrics)]() -> Answer {
    return {.type = "text/plain; version=0.0.4; charset=utf-8",
            .body = metrics()};
  };
  mg_init_library(0);
}

absl::StatusOr<std::unique_ptr<HttpEndpoint>> HttpEndpoint::Start(
    const HostPort& listen, std::function<std::string()> metrics) {
  std::unique_ptr<HttpEndpoint> endpoint(
      new HttpEndpoint(listen, std::move(metrics)));
  if (absl::Status s = endpoint->Listen(); !s.ok()) return s;
  return endpoint;
}

absl::Status HttpEndpoint::Listen() {
  const std::string address = address_.ToString();
  const char* options[] = {"listening_ports", address.c_str(), "num_threads",
                           kThreads, "request_timeout_ms", kRequestMs,
                           "max_request_size", kRequestBytes,
                           // A scraper's kept connection would hold a thread.
                           "enable_keep_alive", "no", nullptr};
  mg_callbacks callbacks = {};
  // Without it, it writes to a file or to nowhere; there is nothing to tell.
  callbacks.log_message = [](const mg_connection*, const char*) { return 1; };
  context_ = mg_start(&callbacks, this, options);
  mg_server_port port = {};
  if (context_ == nullptr || mg_get_server_ports(context_, 1, &port) != 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen for HTTP on ", address,
                     ": the port is in use, or not an address of this host"));
  }
  address_.port = port.port;
  mg_set_request_handler(context_, "**", OnRequest, this);
  return absl::OkStatus();
}

int HttpEndpoint::OnRequest(mg_connection* connection, void* endpoint) {
  const mg_request_info& request = *mg_get_request_info(connection);
  const std::string method = request.request_method;
  // The library's own errors end the connection, with whatever comes after.
  if (method != "GET" && method != "HEAD") {
    return mg_send_http_error(connection, 405, "GET or HEAD\n"), 405;
  }
  if (HasBody(connection)) {
    return mg_send_http_error(connection, 413, "without a body\n"), 413;
  }
  const auto& pages = static_cast<HttpEndpoint*>(endpoint)->pages_;
  const auto page = pages.find(request.local_uri);
  if (page == pages.end()) {
    return mg_send_http_error(connection, 404, "no such page\n"), 404;
  }
  const Answer answer = page->second();
  const std::string head =
      absl::StrCat("HTTP/1.1 ", answer.status, " ",
                   mg_get_response_code_text(connection, answer.status),
                   "\r\nContent-Type: ", answer.type,
                   "\r\nContent-Length: ", answer.body.size(),
                   "\r\nConnection: close\r\n\r\n");
  const std::string whole = method == "HEAD" ? head : head + answer.body;
  mg_write(connection, whole.data(), whole.size());
  return answer.status;
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
  if (context_ != nullptr) Stop();
  mg_exit_library();
}

void HttpEndpoint::Stop() {
  absl::Notification stopped;
  std::thread thread([&] {
    mg_stop(context_);
    stopped.Notify();
  });
  // The library looks up every two seconds, or when somebody connects.
  while (!stopped.WaitForNotificationWithTimeout(absl::Milliseconds(10))) {
    char error[64];
    mg_connection* const nobody = mg_connect_client(
        address_.host.c_str(), address_.port, 0, error, sizeof(error));
    if (nobody != nullptr) mg_close_connection(nobody);
  }
  thread.join();
}

}  // namespace ella
