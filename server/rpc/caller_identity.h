#pragma once

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"

namespace ella {

// Names who made a call; only the same caller may cancel a request.
using CallerIdentity =
    std::function<std::string(const grpc::ServerContextBase& context)>;

// The machine that the call came from.
std::string PeerIdentity(const grpc::ServerContextBase& context);

// A peer address as gRPC spells it, without its port.
std::string WithoutPort(absl::string_view peer);

}  // namespace ella
