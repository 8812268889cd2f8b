// A plan as JSON lines, for a second run or another load generator.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/bench/load_plan.h"

namespace ella {

// {"at": seconds, "prompt", "seed"} and, where they are set, "steps",
// "guidance", "width", "height", "sampler", "conditioning", "images", "cancel":
// {"by": "rpc" or "drop", "at": share of its life}, "deaf": true. Ends in a
// line feed. The prompt is UTF-8.
std::string PlanLine(const LoadRequest& planned);

// InvalidArgument names the line that isn't as PlanLine writes it, or is
// earlier than the one before.
absl::StatusOr<std::vector<LoadRequest>> ReadPlan(std::istream& input);

}  // namespace ella
