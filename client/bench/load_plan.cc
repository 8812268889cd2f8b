#include "client/bench/load_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "client/bench/wire_names.h"

namespace ella {

LoadPlan::LoadPlan(PlanOptions options)
    : options_(std::move(options)),
      arrivals_(options_.seed, 0),
      prompts_(options_.seed, 1),
      seeds_(options_.seed, 2),
      steps_(options_.seed, 3),
      sizes_(options_.seed, 4),
      guidance_(options_.seed, 5),
      conditionings_(options_.seed, 6),
      samplers_(options_.seed, 7),
      images_(options_.seed, 8),
      ends_(options_.seed, 9) {
  double sum = 0;
  for (size_t rank = 1; rank <= options_.prompts.size(); ++rank) {
    sum += std::pow(rank, -options_.zipf_exponent);
    zipf_sums_.push_back(sum);
  }
}

std::optional<LoadRequest> LoadPlan::Next() {
  if (options_.repeat == PromptRepeat::kOnce &&
      planned_ == options_.prompts.size()) {
    return std::nullopt;
  }
  LoadRequest planned;
  if (options_.rate) {
    at_s_ += arrivals_.Exponential() / *options_.rate;
    planned.at_s = at_s_;
  }
  v1::GenerateRequest& request = planned.request;
  request.set_prompt(DrawPrompt());
  request.set_seed(seeds_.Bits32());
  if (!options_.steps.parts.empty()) {
    request.set_steps(Draw(options_.steps, steps_));
  }
  if (!options_.sizes.parts.empty()) {
    const PictureSize size = Draw(options_.sizes, sizes_);
    request.set_width(size.width);
    request.set_height(size.height);
  }
  if (!options_.guidance.parts.empty()) {
    request.set_guidance_scale(Draw(options_.guidance, guidance_));
  }
  if (!options_.conditionings.parts.empty()) {
    request.set_conditioning(
        *ConditioningOfName(Draw(options_.conditionings, conditionings_)));
  }
  if (!options_.samplers.parts.empty()) {
    request.set_sampler(Draw(options_.samplers, samplers_));
  }
  if (!options_.images.parts.empty()) {
    request.set_num_images(Draw(options_.images, images_));
  }
  DrawEnd(&planned);
  ++planned_;
  return planned;
}

const std::string& LoadPlan::DrawPrompt() {
  const std::vector<std::string>& prompts = options_.prompts;
  const double draw = prompts_.Uniform();
  switch (options_.repeat) {
    case PromptRepeat::kOnce:
      return prompts[planned_];
    case PromptRepeat::kUniform:
      return prompts[static_cast<size_t>(draw * prompts.size())];
    case PromptRepeat::kZipf:
      break;
  }
  const auto sum = std::upper_bound(zipf_sums_.begin(), zipf_sums_.end(),
                                    draw * zipf_sums_.back());
  return prompts[std::min<size_t>(sum - zipf_sums_.begin(),
                                  prompts.size() - 1)];
}

void LoadPlan::DrawEnd(LoadRequest* planned) {
  // As many draws for each request, so that one share doesn't move the other.
  const double deaf = ends_.Uniform();
  const double cancel = ends_.Uniform();
  const double by = ends_.Uniform();
  const double at = ends_.Uniform();
  planned->deaf = deaf < options_.deaf_share;
  if (planned->deaf || cancel >= options_.cancel_share) return;
  planned->cancel_by = by < 0.5 ? CancelBy::kRpc : CancelBy::kDroppedCall;
  planned->cancel_at = at;
}

RunLimits::RunLimits(double warmup_s, std::optional<double> duration_s,
                     std::optional<uint64_t> requests)
    : warmup_s_(warmup_s),
      end_s_(duration_s ? warmup_s + *duration_s
                        : std::numeric_limits<double>::infinity()),
      left_(requests) {}

bool RunLimits::Allow(double at_s) const {
  return at_s < end_s_ && left_ != 0u;
}

void RunLimits::Take(double at_s) {
  if (left_ && Counts(at_s)) --*left_;
}

}  // namespace ella
