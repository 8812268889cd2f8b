#pragma once

#include "server/config/model_options.h"

namespace CLI {
class App;
}

namespace ella {

// The options outlive the parsing.
void AddModelStoreFlags(ModelOptions* options, CLI::App* app);

}  // namespace ella
