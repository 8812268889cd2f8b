#pragma once

#include "grpcpp/server_builder.h"
#include "server/config/connection_options.h"

namespace ella {

// Makes gRPC keep the limits of a server's connections, all but the time for
// reading a message (server/rpc/stall_timer.h), and offer reflection.
void ApplyConnectionOptions(const ConnectionOptions& options,
                            grpc::ServerBuilder* builder);

}  // namespace ella
