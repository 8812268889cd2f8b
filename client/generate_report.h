// What came of one `ella generate`: files, and a summary of it.
#pragma once

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "client/generate_options.h"
#include "client/progress_line.h"
#include "ella/v1/text_to_image.pb.h"
#include "nlohmann/json.hpp"

namespace ella {

// Takes the events of a request: writes images and previews to their files,
// prints the name of each (not with --json), and shows the progress. Not
// thread-safe.
class GenerateReport {
 public:
  // All outlive it.
  GenerateReport(const GenerateOptions& options, ProgressLine* progress,
                 std::ostream& out);

  // An error where a file can't be written.
  absl::Status Take(const v1::GenerateResponse& event);

  // {"request_id", "images", "previews", "timings", "tokens"}, as far as known.
  // Times are in seconds.
  const nlohmann::json& json() const { return json_; }

 private:
  absl::Status Write(const std::string& path, const v1::Image& image);

  const GenerateOptions& options_;
  ProgressLine* const progress_;
  std::ostream& out_;
  nlohmann::json json_;
};

}  // namespace ella
