#pragma once

#include "server/config/connection_options.h"

namespace CLI {
class App;
}

namespace ella {

// The options outlive the parsing.
void AddConnectionFlags(ConnectionOptions* options, CLI::App* app);

}  // namespace ella
