#include "server/scheduling/batch_policy.h"

#include <algorithm>
#include <numeric>

namespace ella {
namespace {

class BatchFormer {
 public:
  BatchFormer(absl::Span<const Candidate> candidates, const RowLimit& row_limit)
      : candidates_(candidates), row_limit_(row_limit) {}

  // Adds the images of the candidate that fit.
  void Add(int index) {
    const Candidate& candidate = candidates_[index];
    if (first_ == nullptr) {
      first_ = &candidate;
      limit_ = row_limit_(candidate.engine, candidate.key);
    } else if (first_->engine != candidate.engine ||
               !(first_->key == candidate.key)) {
      return;
    }
    std::vector<int> images;
    for (int i = 0; i < static_cast<int>(candidate.steps_left.size()); ++i) {
      if (candidate.steps_left[i] > 0) images.push_back(i);
    }
    std::stable_sort(images.begin(), images.end(), [&](int a, int b) {
      return candidate.steps_left[a] > candidate.steps_left[b];
    });
    const size_t before = decision_.step.size();
    for (int image : images) {
      if (rows_ > 0 && rows_ + candidate.unet_rows_per_image > limit_) break;
      rows_ += candidate.unet_rows_per_image;
      decision_.step.push_back({index, image});
    }
    if (decision_.step.size() == before) return;
    std::sort(decision_.step.begin() + before, decision_.step.end(),
              [](const RowChoice& a, const RowChoice& b) {
                return a.image < b.image;
              });
    if (!candidate.joined) decision_.join.push_back(index);
  }

  bool full() const { return first_ != nullptr && rows_ >= limit_; }
  BatchDecision Take() { return std::move(decision_); }

 private:
  const absl::Span<const Candidate> candidates_;
  const RowLimit& row_limit_;
  const Candidate* first_ = nullptr;
  int limit_ = 0;
  int rows_ = 0;  // UNet rows so far
  BatchDecision decision_;
};

bool NeedsSteps(const Candidate& candidate) {
  return std::any_of(candidate.steps_left.begin(), candidate.steps_left.end(),
                     [](int left) { return left > 0; });
}

}  // namespace

BatchDecision DecideBatch(const BatchOptions& options,
                          absl::Span<const Candidate> candidates,
                          const RowLimit& row_limit, absl::Time now) {
  std::vector<Standing> standings;
  std::vector<int> members;  // candidates that need steps
  bool any_joined = false;
  for (int i = 0; i < static_cast<int>(candidates.size()); ++i) {
    if (!NeedsSteps(candidates[i])) continue;
    any_joined = any_joined || candidates[i].joined;
    standings.push_back(candidates[i].standing);
    members.push_back(i);
  }
  std::vector<int> order;
  for (int i : ServiceOrder(standings)) order.push_back(members[i]);
  if (order.empty()) return {};

  BatchFormer former(candidates, row_limit);
  if (options.batching == Batching::kStep) {
    for (size_t i = 0; i < order.size() && !former.full(); ++i) {
      former.Add(order[i]);
    }
    return former.Take();
  }
  if (any_joined) {
    for (int i : order) {
      if (candidates[i].joined) former.Add(i);
    }
    return former.Take();
  }
  if (options.batching == Batching::kOff) {
    former.Add(order[0]);
    return former.Take();
  }
  for (int i : order) former.Add(i);
  absl::Time first_came = absl::InfiniteFuture();
  for (int i : order) {
    first_came = std::min(first_came, candidates[i].enqueued_at);
  }
  const absl::Time forms_at = first_came + options.request_window;
  if (former.full() || now >= forms_at) return former.Take();
  BatchDecision later;
  later.wake_at = forms_at;
  return later;
}

}  // namespace ella
