// What a load generator is to send, and when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/bench/mixture.h"
#include "client/bench/random_stream.h"
#include "ella/v1/text_to_image.pb.h"

namespace ella {

// How a client ends a request of its own.
enum class CancelBy { kNothing, kRpc, kDroppedCall };

struct LoadRequest {
  double at_s = 0;  // from the start of the run; 0 in a closed loop
  v1::GenerateRequest request;
  CancelBy cancel_by = CancelBy::kNothing;
  double cancel_at = 0;  // share of the request's life, [0, 1)
  // Reads nothing until the end of the run.
  bool deaf = false;
};

enum class PromptRepeat { kUniform, kOnce, kZipf };

struct PlanOptions {
  std::vector<std::string> prompts;  // at least one
  PromptRepeat repeat = PromptRepeat::kUniform;
  double zipf_exponent = 1;
  // Requests a second, as a Poisson process; none: a closed loop.
  std::optional<double> rate;
  uint64_t seed = 0;
  Mixture<uint32_t> steps;
  Mixture<PictureSize> sizes;
  Mixture<float> guidance;
  Mixture<std::string> conditionings;  // ella, ella-fixed, clip
  Mixture<std::string> samplers;
  Mixture<uint32_t> images;
  double cancel_share = 0;  // half by the RPC, half by a dropped call
  double deaf_share = 0;    // these are never cancelled
};

// An endless plan, but for PromptRepeat::kOnce. A function of its options
// alone, and each setting of its seed and its own options alone: another rate
// keeps the prompts, and stretches the arrivals. One thread.
class LoadPlan {
 public:
  explicit LoadPlan(PlanOptions options);

  // In the order of at_s; nothing once each prompt was sent `once`.
  std::optional<LoadRequest> Next();

 private:
  const std::string& DrawPrompt();
  void DrawEnd(LoadRequest* planned);

  const PlanOptions options_;
  std::vector<double> zipf_sums_;  // of the weights up to each prompt
  uint64_t planned_ = 0;
  double at_s_ = 0;
  RandomStream arrivals_, prompts_, seeds_, steps_, sizes_, guidance_,
      conditionings_, samplers_, images_, ends_;
};

// How long a run is: a warm-up, whose requests aren't counted, and then until
// the time is over or enough requests have begun. One thread.
class RunLimits {
 public:
  // None: no limit.
  RunLimits(double warmup_s, std::optional<double> duration_s,
            std::optional<uint64_t> requests);

  // Whether a request may begin at this time.
  bool Allow(double at_s) const;
  // One does.
  void Take(double at_s);

  // Whether one that begins at this time is counted.
  bool Counts(double at_s) const { return at_s >= warmup_s_; }

  double warmup_s() const { return warmup_s_; }
  // From the start of the run; infinity without a limit.
  double end_s() const { return end_s_; }

 private:
  const double warmup_s_;
  const double end_s_;
  std::optional<uint64_t> left_;
};

}  // namespace ella
