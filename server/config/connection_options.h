#pragma once

#include "absl/status/status.h"

namespace ella {

// What a client may hold of the server by its connections. Those to proxies
// carry the calls of many clients.
struct ConnectionOptions {
  // Of a request; a larger one is refused unread. The prompts are most of it.
  int max_message_kb = 256;
  // At once; further ones are closed, for their clients to try elsewhere. The
  // process may have to be allowed as many open files.
  int max_connections = 10000;
  // Calls at once on a connection; further ones wait in their client.
  int max_streams = 128;
  // For what gRPC keeps of all connections. When it runs out, gRPC drops
  // connections, new ones first. Less bears fewer connections.
  int memory_mb = 512;
  // A connection without calls is closed after so long; 0: never.
  int max_idle_seconds = 300;
  // A connection is told after so long, a tenth more or less, to take no new
  // calls, so that clients find new servers; 0: never. Those under way may go
  // on for the grace: longer than a request may take.
  int max_age_seconds = 3600;
  int max_age_grace_seconds = 900;
  // How long a connection may be silent before a ping asks whether anyone is
  // there, and how long the answer may take.
  int keepalive_seconds = 60;
  int keepalive_timeout_seconds = 20;
  // How long a client may take to read one message, an image most of all, or
  // its call is cancelled. Less gives up slower networks.
  int stall_seconds = 120;
  // Tells anyone the RPCs and messages, for grpcurl and its like.
  bool reflection = false;

  // InvalidArgument naming the flag and the value.
  absl::Status Validate() const;
};

}  // namespace ella
