#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/api/engine.h"
#include "server/scheduling/step_cost_table.h"

namespace ella {

// A cost table for each model. Thread-safe.
class CostTables {
 public:
  CostTables(const std::vector<Engine*>& engines, int max_rows) {
    for (Engine* engine : engines) {
      tables_[engine->info().name] = std::make_unique<StepCostTable>(max_rows);
    }
  }

  StepCostTable& Of(const std::string& model) const {
    return *tables_.at(model);
  }
  StepCostTable& Of(const Engine* engine) const {
    return Of(engine->info().name);
  }

 private:
  std::map<std::string, std::unique_ptr<StepCostTable>> tables_;
};

}  // namespace ella
