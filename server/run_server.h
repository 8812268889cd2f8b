#pragma once

#include <string>
#include <vector>

#include "server/models/engine_factory.h"

namespace ella {

// The program: reads the settings, loads the models, serves until SIGTERM or
// SIGINT, drains. Returns the exit status: 0 after a stop, 1 where it couldn't
// serve, 2 for bad settings.
int RunServer(const std::vector<std::string>& arguments,
              const EngineFactory& create_engine);

}  // namespace ella
