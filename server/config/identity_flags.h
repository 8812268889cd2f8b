#pragma once

#include "server/config/identity_options.h"

namespace CLI {
class App;
}

namespace ella {

// The options outlive the parsing.
void AddIdentityFlags(IdentityOptions* options, CLI::App* app);

}  // namespace ella
