// What people and programs are told while grids are drawn.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/error_report.h"
#include "client/grid_runner.h"
#include "client/progress_line.h"
#include "client/verbs.h"
#include "nlohmann/json.hpp"

namespace ella {

// Prints the name of each file (not with JSON), each error, and a progress line
// on a terminal. Not thread-safe.
class GridReport {
 public:
  // The streams outlive it. `json`: whether Finish prints an object.
  GridReport(const Streams& streams, bool json);

  // Sets the callbacks of *options, which outlives neither this nor its server.
  void Attach(GridRunnerOptions* options);

  // Something to say that ends nothing.
  void Note(const std::string& text);

  // A grid that will not be.
  void Failed(const std::string& name, const absl::Status& error);

  // Further fields for the object.
  nlohmann::json& json() { return json_; }

  // {"grids": [{"name", "file", "prompt"}], "failed": [{"name", "error"}]}, and
  // "error" where one has ended the run.
  ExitCode Finish(const absl::Status& status, ExitCode code_of_error = kFailed);

 private:
  void Ended(const GridJob& job, const absl::Status& status);
  void Show(const GridProgress& progress);

  const Streams& streams_;
  const bool print_json_;
  ProgressLine line_;
  nlohmann::json json_;
};

}  // namespace ella
