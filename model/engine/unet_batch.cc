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
  at::Tensor context;  // [1, tokens, width]
};

at::Tensor ContextOf(const LoadedModel& model, const EllaEncoding& encoding,
                     const at::Tensor& timestep) {
  if (encoding.mode() == TokenMode::kClip) return encoding.features();
  // Alone, though rows could share a call, so that it depends on no company.
  return model.connector->forward(encoding.features(), timestep);
}

// Halves of equally many tokens side by side, as Contexts wants them.
std::vector<Half> MakeHalves(const LoadedModel& model,
                             absl::Span<EllaRow* const> rows,
                             const at::Tensor& timesteps) {
  std::vector<Half> halves;
  for (size_t i = 0; i < rows.size(); ++i) {
    const at::Tensor timestep = timesteps.slice(0, i, i + 1);
    if (const EllaEncoding* negative = rows[i]->negative()) {
      halves.push_back({i, true, ContextOf(model, *negative, timestep)});
    }
    halves.push_back({i, false, ContextOf(model, rows[i]->prompt(), timestep)});
  }
  std::stable_sort(halves.begin(), halves.end(),
                   [](const Half& a, const Half& b) {
                     return a.context.size(1) < b.context.size(1);
                   });
  return halves;
}

Contexts JoinContexts(const std::vector<Half>& halves) {
  Contexts contexts;
  std::vector<at::Tensor> equal;
  for (size_t i = 0; i < halves.size(); ++i) {
    equal.push_back(halves[i].context);
    if (i + 1 == halves.size() ||
        halves[i + 1].context.size(1) != equal[0].size(1)) {
      contexts.push_back(at::cat(equal));
      equal.clear();
    }
  }
  return contexts;
}

}  // namespace

std::vector<at::Tensor> PredictNoise(const LoadedModel& model,
                                     const ComputePlan& plan,
                                     absl::Span<EllaRow* const> rows) {
  std::vector<float> row_timesteps;
  for (const EllaRow* row : rows) row_timesteps.push_back(row->timestep());
  const at::Tensor timesteps =  // [rows]
      at::tensor(row_timesteps).to(plan.device, /*non_blocking=*/true);
  const std::vector<Half> halves = MakeHalves(model, rows, timesteps);

  std::vector<at::Tensor> samples;
  std::vector<int64_t> row_of_half;
  for (const Half& half : halves) {
    samples.push_back(rows[half.row]->ModelInput());
    row_of_half.push_back(static_cast<int64_t>(half.row));
  }
  const at::Tensor half_timesteps = timesteps.index_select(
      0, at::tensor(row_of_half).to(plan.device, /*non_blocking=*/true));
  // [halves, C, h, w]
  const at::Tensor predicted =
      model.unet
          ->forward(at::cat(samples).to(plan.dtype), half_timesteps,
                    JoinContexts(halves))
          .to(at::kFloat);

  std::vector<at::Tensor> positive(rows.size()), negative(rows.size());
  for (size_t i = 0; i < halves.size(); ++i) {
    auto& side = halves[i].negative ? negative : positive;
    side[halves[i].row] = predicted.slice(0, i, i + 1);
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i]->negative() != nullptr) {
      positive[i] = Guide(negative[i], positive[i], rows[i]->guidance_scale());
    }
  }
  return positive;
}

}  // namespace ella
