#pragma once

#include <vector>

#include "model/api/engine.h"
#include "prometheus/collectable.h"

namespace ella {

// What the engines say of themselves, asked at each scrape: caches, time in
// the connector, memory, identity; all by model. Thread-safe. The engines
// outlive it.
class EngineCollector final : public prometheus::Collectable {
 public:
  explicit EngineCollector(std::vector<Engine*> engines);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::vector<Engine*> engines_;
};

}  // namespace ella
