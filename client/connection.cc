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
  options.on_retry = [&err, before_message = std::move(before_message)](
                         const std::string& address, const absl::Status& error,
                         absl::Duration delay) {
    if (before_message) before_message();
    err << RetryMessage(address, error, delay) << std::flush;
  };
  return std::make_unique<GenerateClient>(MakeChannels(server),
                                          std::move(options));
}

std::string RetryMessage(const std::string& server, const absl::Status& error,
                         absl::Duration delay) {
  const std::string next = delay == absl::ZeroDuration()
                               ? "trying another server"
                               : absl::StrFormat("trying again in %.1f s",
                                                 absl::ToDoubleSeconds(delay));
  return absl::StrFormat("ella: %s: %s: %s; %s\n", server,
                         absl::StatusCodeToString(error.code()),
                         error.message(), next);
}

absl::Time DeadlineAfter(double seconds) {
  return absl::Now() + absl::Seconds(seconds);
}

}  // namespace ella
