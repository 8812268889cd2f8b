#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "model/api/engine.h"

namespace ella {

// Loads a model, as CreateEngine does.
using EngineFactory = std::function<absl::StatusOr<std::unique_ptr<Engine>>(
    const EngineOptions&)>;

}  // namespace ella
