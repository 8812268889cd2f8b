#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"
#include "server/identity/caller.h"
#include "server/identity/identity.h"

namespace ella {

// Who makes a call: whose key it carries in its metadata, as `authorization:
// Bearer KEY`, where the server asks for keys; else the subject of its
// certificate, where the server asks for those; else the machine it comes from.
// Unauthenticated where a key is asked for and there is none, or a wrong one.
absl::StatusOr<Caller> IdentifyCaller(const grpc::ServerContextBase& context,
                                      const Identity& identity);

// The machine that a call came from.
std::string PeerIdentity(const grpc::ServerContextBase& context);

// A peer address as gRPC spells it, without its port.
std::string WithoutPort(absl::string_view peer);

}  // namespace ella
