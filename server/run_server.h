#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/api/engine.h"

namespace ella {

using EngineFactory = std::function<absl::StatusOr<std::unique_ptr<Engine>>(
    const EngineOptions&)>;

// The program: reads the settings, loads the models, serves until SIGTERM or
// SIGINT, drains. Returns the exit status: 0 after a stop, 1 where it couldn't
// serve, 2 for bad settings.
int RunServer(const std::vector<std::string>& arguments,
              const EngineFactory& create_engine);

}  // namespace ella
