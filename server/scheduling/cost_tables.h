#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "model/api/engine.h"
#include "server/scheduling/step_cost_table.h"

namespace ella {

// A cost table for each engine that serves. Thread-safe.
class CostTables {
 public:
  // max_rows: no step of any engine takes more.
  explicit CostTables(int max_rows) : max_rows_(max_rows) {}
  CostTables(const std::vector<Engine*>& engines, int max_rows)
      : CostTables(max_rows) {
    for (const Engine* engine : engines) Add(engine);
  }

  StepCostTable& Add(const Engine* engine) {
    auto table = std::make_unique<StepCostTable>(max_rows_);
    absl::MutexLock lock(&mutex_);
    return *(tables_[engine] = std::move(table));
  }
  // Nobody uses the engine's table any more.
  void Remove(const Engine* engine) {
    absl::MutexLock lock(&mutex_);
    tables_.erase(engine);
  }
  // Of an engine that is there.
  StepCostTable& Of(const Engine* engine) const {
    absl::MutexLock lock(&mutex_);
    return *tables_.at(engine);
  }

 private:
  const int max_rows_;
  mutable absl::Mutex mutex_;
  std::map<const Engine*, std::unique_ptr<StepCostTable>> tables_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace ella
