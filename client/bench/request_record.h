// What a load generator saw of one request. Times are seconds of the run.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/bench/load_plan.h"

namespace ella {

struct RequestRecord {
  // When it should have been sent, which latency counts from: a late load
  // generator must not make a server look fast.
  double due_s = 0;
  double sent_s = 0;
  double ended_s = 0;
  std::optional<double> first_progress_s;
  std::optional<double> first_preview_s;
  absl::StatusCode code = absl::StatusCode::kUnknown;
  std::string message;
  bool counted = true;  // began after the warm-up
  bool deaf = false;
  // How its client asked for its end; nothing where it ended before.
  CancelBy cancelled_by = CancelBy::kNothing;
  // Tries that the server didn't accept: RESOURCE_EXHAUSTED, UNAVAILABLE or
  // DEADLINE_EXCEEDED ahead of any event.
  uint32_t refusals = 0;
  uint32_t previews = 0;
  // Prompts that had to be encoded by T5, or be found in its cache.
  uint32_t encodings = 0;
  uint32_t encodings_cached = 0;
  double mean_batch_rows = 0;
  // In the measured time only.
  uint32_t images_measured = 0;
  uint32_t steps_measured = 0;  // UNet calls of each image
  uint32_t rows_measured = 0;   // UNet rows: two a step with guidance
};

// The time of a run, which starts when it is made.
class RunClock {
 public:
  double Now() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point start_ =
      std::chrono::steady_clock::now();
};

}  // namespace ella
