#pragma once

#include "prometheus/collectable.h"

namespace ella {

// The process_* metrics that Prometheus' client libraries have in common, read
// from /proc/self at each scrape; one that can't be read is left out.
// Thread-safe.
class ProcessCollector final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace ella
