#include "client/connection.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace ella {

std::unique_ptr<GenerateClient> Connect(const ServerAccess& server,
                                        std::ostream& err,
                                        Cancellation* cancellation,
                                        std::function<void()> before_message) {
  ClientOptions options;
  options.cancellation = cancellation;
  options.on_retry = [&err, address = server.address,
                      before_message = std::move(before_message)](
                         const absl::Status& error, absl::Duration delay) {
    if (before_message) before_message();
    err << RetryMessage(address, error, delay) << std::flush;
  };
  return std::make_unique<GenerateClient>(MakeChannel(server),
                                          std::move(options));
}

std::string RetryMessage(const std::string& server, const absl::Status& error,
                         absl::Duration delay) {
  return absl::StrFormat("ella: %s: %s: %s; trying again in %.1f s\n", server,
                         absl::StatusCodeToString(error.code()),
                         error.message(), absl::ToDoubleSeconds(delay));
}

absl::Time DeadlineAfter(double seconds) {
  return absl::Now() + absl::Seconds(seconds);
}

}  // namespace ella
