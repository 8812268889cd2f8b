#pragma once

#include "server/config/log_options.h"

namespace CLI {
class App;
}

namespace ella {

// The options outlive the parsing.
void AddLogFlags(LogOptions* options, CLI::App* app);

}  // namespace ella
