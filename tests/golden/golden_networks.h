// Loads one network of a model directory, on the CPU in float32.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "model/weights/checkpoint.h"
#include "model/weights/parameter_loader.h"
#include "tests/golden/value_or_throw.h"

namespace ella {

template <typename Network, typename Config>
std::unique_ptr<Network> LoadGolden(const Checkpoint& checkpoint,
                                    const Config& config,
                                    const KeyMapping& mapping = {}) {
  ParameterLoader loader("network", checkpoint, LoadOptions{}, mapping);
  auto network = std::make_unique<Network>(loader.root(), config);
  if (const absl::Status status = loader.Finish(); !status.ok()) {
    throw std::runtime_error(status.ToString());
  }
  return network;
}

}  // namespace ella
