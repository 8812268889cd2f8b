// The flags of `ella bench`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/bench/load_plan.h"
#include "client/server_access.h"

namespace CLI {
class App;
}

namespace ella {

struct BenchOptions {
  ServerAccess server;
  // The load. `plan.prompts` are the built-in ones unless --prompts is given.
  PlanOptions plan;
  std::optional<uint32_t> concurrency;
  double warmup_s = 0;
  std::optional<double> duration_s;
  std::optional<uint64_t> requests;
  std::optional<std::string> write_plan;  // where to, instead of a run
  std::optional<std::string> replay;
  // Of all requests.
  std::optional<std::string> model;
  std::optional<uint32_t> preview_every;  // steps
  std::optional<std::string> preview_kind;
  double timeout_s = 600;
  bool retry = false;
  uint32_t channels = 4;

  double good_within_s = 60;
  bool json = false;
};

// Parsing `app` fills *options, which outlives it, and reads the prompts.
// CLI::ValidationError names the flag.
void AddBenchOptions(CLI::App* app, BenchOptions* options);

}  // namespace ella
