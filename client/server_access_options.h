// The flags of every verb that calls the service.
#pragma once

#include "client/server_access.h"

namespace CLI {
class App;
}

namespace ella {

// --server, TLS and the API key, which may also stand in ELLA_API_KEY. Parsing
// `app` reads the files into *server, which outlives it; a file that can't be
// read, or a key that would leave this machine unencrypted, is bad usage.
void AddServerOptions(CLI::App* app, ServerAccess* server);

}  // namespace ella
