// Times what an engine does, without a server.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/api/engine.h"

namespace ella {

// Seconds of each call, in order of length; of at least one call.
class Durations {
 public:
  explicit Durations(std::vector<double> seconds);

  size_t size() const { return seconds_.size(); }
  double min() const { return seconds_.front(); }
  double median() const;
  double max() const { return seconds_.back(); }

 private:
  std::vector<double> seconds_;
};

struct TimingOptions {
  int steps = 5;    // timed calls
  int warmup = 1;   // calls before those
  int decodes = 1;  // timed calls
};

struct StepTiming {
  int width = 0;   // pixels
  int height = 0;  // pixels
  int rows = 0;    // of the UNet's batch
  Durations step;
};

struct DecodeTiming {
  int width = 0;   // pixels
  int height = 0;  // pixels
  Durations decode;
};

struct EncodeTiming {
  int tokens = 0;
  Durations encode;
};

// Encodes a sentence for the ELLA connector.
absl::StatusOr<EncodeTiming> TimeEncode(Engine* engine,
                                        const TimingOptions& options);

// Steps that many rows of the UNet's batch together: pairs are images with
// guidance, and an odd one an image without.
absl::StatusOr<StepTiming> TimeStep(Engine* engine, int width, int height,
                                    int rows, const TimingOptions& options);

// Decodes one image; options.decodes is not 0.
absl::StatusOr<DecodeTiming> TimeDecode(Engine* engine, int width, int height,
                                        const TimingOptions& options);

}  // namespace ella
