#include "model/engine/unet_batch.h"

#include <algorithm>

#include "model/sampling/guidance.h"

namespace ella {
namespace {

// One row of the UNet call: the prompt's or the negative prompt's half of a row
// of the batch.
struct Half {
  size_t row;
  bool negative;
  ConnectorCache::Output context;

  int64_t tokens() const { return context.features.size(1); }
};

// Context of a half, [1, tokens, width].
ConnectorCache::Output ContextOf(EllaRow* row, bool negative,
                                 ConnectorCache* connector_cache) {
  const EllaEncoding& encoding = negative ? *row->negative() : row->prompt();
  if (encoding.mode() == TokenMode::kClip) return {encoding.features()};
  return connector_cache->Get(encoding.id(), encoding.features(),
                              row->timesteps(), row->ahead(negative));
}

// Halves of equally many tokens side by side, as Contexts wants them.
std::vector<Half> MakeHalves(absl::Span<EllaRow* const> rows,
                             ConnectorCache* connector_cache) {
  std::vector<Half> halves;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (const bool negative : {true, false}) {
      if (negative && rows[i]->negative() == nullptr) continue;
      halves.push_back(
          {i, negative, ContextOf(rows[i], negative, connector_cache)});
    }
  }
  std::stable_sort(
      halves.begin(), halves.end(),
      [](const Half& a, const Half& b) { return a.tokens() < b.tokens(); });
  return halves;
}

Contexts JoinContexts(const std::vector<Half>& halves) {
  Contexts contexts;
  std::vector<at::Tensor> equal;
  for (size_t i = 0; i < halves.size(); ++i) {
    equal.push_back(halves[i].context.features);
    if (i + 1 == halves.size() || halves[i + 1].tokens() != equal[0].size(1)) {
      contexts.push_back(at::cat(equal));
      equal.clear();
    }
  }
  return contexts;
}

}  // namespace

std::vector<PredictedNoise> PredictNoise(const LoadedModel& model,
                                         const ComputePlan& plan,
                                         absl::Span<EllaRow* const> rows,
                                         ConnectorCache* connector_cache) {
  const std::vector<Half> halves = MakeHalves(rows, connector_cache);
  std::vector<at::Tensor> samples;
  std::vector<float> timesteps;
  for (const Half& half : halves) {
    samples.push_back(rows[half.row]->ModelInput());
    timesteps.push_back(rows[half.row]->timesteps()[0]);
  }
  // [halves, C, h, w]
  const at::Tensor predicted =
      model.unet
          ->forward(at::cat(samples).to(plan.dtype),
                    at::tensor(timesteps).to(plan.device,
                                             /*non_blocking=*/true),
                    JoinContexts(halves))
          .to(at::kFloat);

  std::vector<PredictedNoise> positive(rows.size());
  std::vector<at::Tensor> negative(rows.size());
  for (size_t i = 0; i < halves.size(); ++i) {
    PredictedNoise& noise = positive[halves[i].row];
    noise.connector_cache_hits += halves[i].context.hit ? 1 : 0;
    (halves[i].negative ? negative[halves[i].row] : noise.eps) =
        predicted.slice(0, i, i + 1);
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i]->negative() != nullptr) {
      positive[i].eps =
          Guide(negative[i], positive[i].eps, rows[i]->guidance_scale());
    }
  }
  return positive;
}

}  // namespace ella
