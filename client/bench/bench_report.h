// What a run's records come to.
#pragma once

#include <ostream>
#include <vector>

#include "client/bench/load_runner.h"
#include "nlohmann/json.hpp"

namespace ella {

// The smallest value that at least the share `share` (0 to 1) of all values
// doesn't exceed. `sorted` rises and isn't empty.
double Percentile(const std::vector<double>& sorted, double share);

// {"count", "mean", "p50", "p95", "p99", "max"}; only the count where there is
// no value.
nlohmann::json Distribution(std::vector<double> values);

// The counted requests by outcome, and the latency of those that completed;
// rates are of everything that happened in the measured time, whenever its
// request began. So neither is bent by what starts before that time or ends
// after it. Good means completed within `good_within_s`. Deaf streams are in
// the outcomes alone. Times are in seconds, rates are per second.
nlohmann::json Summarize(const RunResult& result, double good_within_s);

// For people; takes what Summarize returns.
void PrintSummary(const nlohmann::json& summary, std::ostream& out);

}  // namespace ella
