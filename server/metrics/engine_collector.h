#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "model/api/engine.h"
#include "prometheus/collectable.h"

namespace ella {

// What the engines say of themselves, asked at each scrape: caches, time in
// the connector, memory, identity; all by model. Thread-safe.
class EngineCollector final : public prometheus::Collectable {
 public:
  // Those that serve now, of different names.
  using Engines = std::function<std::vector<std::shared_ptr<Engine>>()>;

  explicit EngineCollector(Engines engines);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Engines engines_;
};

}  // namespace ella
