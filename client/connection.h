// What every verb needs that calls the service.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "client/generate_client.h"
#include "client/server_access.h"

namespace ella {

// A client that reports its retries on `err`. before_message() is called ahead
// of each report; it may be null.
std::unique_ptr<GenerateClient> Connect(
    const ServerAccess& server, std::ostream& err,
    Cancellation* cancellation = nullptr,
    std::function<void()> before_message = nullptr);

// What is said before each further try; a line. `delay`: 0 for another server.
std::string RetryMessage(const std::string& server, const absl::Status& error,
                         absl::Duration delay);

// `seconds` from now.
absl::Time DeadlineAfter(double seconds);

}  // namespace ella
