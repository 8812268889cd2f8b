#include "server/scheduling/service_order.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <queue>
#include <tuple>
#include <utility>

namespace ella {
namespace {

// One caller's requests of one class, first served first.
struct Lane {
  double service = 0;
  std::vector<int> requests;
  size_t next = 0;
};

}  // namespace

std::vector<int> ServiceOrder(absl::Span<const Standing> standings) {
  std::vector<int> sorted(standings.size());
  std::iota(sorted.begin(), sorted.end(), 0);
  std::sort(sorted.begin(), sorted.end(), [&](int i, int j) {
    const Standing &a = standings[i], &b = standings[j];
    return std::tie(b.service_class, a.deadline, a.age) <
           std::tie(a.service_class, b.deadline, b.age);
  });

  std::vector<int> order;
  std::map<int, double> work_before;  // by caller, in the classes above too
  for (size_t begin = 0; begin < sorted.size();) {
    const int service_class = standings[sorted[begin]].service_class;
    std::map<int, Lane> lanes;  // by caller
    for (; begin < sorted.size() &&
           standings[sorted[begin]].service_class == service_class;
         ++begin) {
      const Standing& standing = standings[sorted[begin]];
      Lane& lane = lanes[standing.caller];
      lane.service = standing.caller_service + work_before[standing.caller];
      lane.requests.push_back(sorted[begin]);
    }
    // The least served caller on top; of equals the one whose next is older.
    const auto later = [&](Lane* a, Lane* b) {
      return std::make_pair(a->service, standings[a->requests[a->next]].age) >
             std::make_pair(b->service, standings[b->requests[b->next]].age);
    };
    std::priority_queue<Lane*, std::vector<Lane*>, decltype(later)> next(later);
    for (auto& [caller, lane] : lanes) next.push(&lane);
    while (!next.empty()) {
      Lane* lane = next.top();
      next.pop();
      const int chosen = lane->requests[lane->next++];
      order.push_back(chosen);
      lane->service += standings[chosen].work;
      work_before[standings[chosen].caller] += standings[chosen].work;
      if (lane->next < lane->requests.size()) next.push(lane);
    }
  }
  return order;
}

}  // namespace ella
