#include "model/ella/connector_cache.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace ella {
namespace {

template <typename Pairs>
auto FindTimestep(Pairs& ahead, float timestep) {
  return std::find_if(ahead.begin(), ahead.end(), [=](const auto& output) {
    return output.first == timestep;
  });
}

bool Holds(absl::Span<const float> timesteps, float timestep) {
  return std::find(timesteps.begin(), timesteps.end(), timestep) !=
         timesteps.end();
}

}  // namespace

ConnectorCache::Output ConnectorCache::Get(int64_t encoding,
                                           const at::Tensor& text,
                                           absl::Span<const float> timesteps,
                                           Ahead* ahead) {
  ahead->erase(std::remove_if(ahead->begin(), ahead->end(),
                              [&](const auto& output) {
                                return !Holds(timesteps, output.first);
                              }),
               ahead->end());
  const auto held = FindTimestep(*ahead, timesteps[0]);
  if (held != ahead->end()) return {held->second, /*hit=*/false};
  if (std::optional<at::Tensor> found = outputs_.Find({encoding, timesteps[0]});
      found.has_value()) {
    return {*std::move(found), /*hit=*/true};
  }
  Compute(encoding, text, Missing(encoding, timesteps, *ahead), ahead);
  return {FindTimestep(*ahead, timesteps[0])->second, /*hit=*/false};
}

std::vector<float> ConnectorCache::Missing(int64_t encoding,
                                           absl::Span<const float> timesteps,
                                           const Ahead& ahead) const {
  std::vector<float> missing;
  for (const float timestep : timesteps) {
    if (missing.size() == kMaxAtOnce) break;
    if (!Holds(missing, timestep) &&
        FindTimestep(ahead, timestep) == ahead.end() &&
        !outputs_.Contains({encoding, timestep})) {
      missing.push_back(timestep);
    }
  }
  return missing;
}

void ConnectorCache::Compute(int64_t encoding, const at::Tensor& text,
                             const std::vector<float>& timesteps,
                             Ahead* ahead) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<at::Tensor> outputs = connector_.ForwardEach(
      text, at::tensor(timesteps).to(text.device(), /*non_blocking=*/true));
  const std::chrono::duration<double> spent =
      std::chrono::steady_clock::now() - start;
  seconds_ = seconds_ + spent.count();
  for (size_t i = 0; i < outputs.size(); ++i) {
    outputs_.Insert({encoding, timesteps[i]}, outputs[i],
                    static_cast<int64_t>(outputs[i].nbytes()));
    ahead->emplace_back(timesteps[i], outputs[i]);
  }
}

}  // namespace ella
