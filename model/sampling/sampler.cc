#include "model/sampling/sampler.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/sampling/ddim_sampler.h"
#include "model/sampling/dpmpp_2m_sampler.h"
#include "model/sampling/euler_ancestral_sampler.h"
#include "model/sampling/euler_sampler.h"
#include "model/sampling/noise_schedule.h"
#include "model/sampling/pndm_sampler.h"
#include "model/sampling/unipc_sampler.h"

namespace ella {
namespace {

struct Factory {
  std::string_view name;
  absl::StatusOr<std::unique_ptr<Sampler>> (*create)(
      const NoiseSchedule& schedule, int steps);
};

constexpr Factory kFactories[] = {
    {"dpmpp_2m", CreateDpmpp2mSampler},
    {"dpmpp_2m_karras", CreateDpmpp2mKarrasSampler},
    {"ddim", CreateDdimSampler},
    {"pndm", CreatePndmSampler},
    {"euler", CreateEulerSampler},
    {"euler_ancestral", CreateEulerAncestralSampler},
    {"unipc", CreateUnipcSampler},
};

}  // namespace

at::Tensor Sampler::Step(const at::Tensor& latents, const at::Tensor& eps,
                         at::Generator& generator) {
  Advanced advanced = Advance(latents, eps, generator);
  ++call_;
  denoised_ = std::move(advanced.denoised);
  return std::move(advanced.latents);
}

const std::vector<std::string>& SamplerNames() {
  static const auto* const names = [] {
    auto* list = new std::vector<std::string>;
    for (const Factory& factory : kFactories) list->emplace_back(factory.name);
    return list;
  }();
  return *names;
}

absl::StatusOr<std::unique_ptr<Sampler>> CreateSampler(
    const std::string& name, const NoiseScheduleConfig& config, int steps) {
  const auto factory =
      std::find_if(std::begin(kFactories), std::end(kFactories),
                   [&](const Factory& known) { return known.name == name; });
  if (factory == std::end(kFactories)) {
    return absl::InvalidArgumentError(
        absl::StrCat("sampler must be one of ",
                     absl::StrJoin(SamplerNames(), ", "), ", was ", name));
  }
  const auto schedule = NoiseSchedule::Create(config);
  if (!schedule.ok()) return schedule.status();
  if (steps < 1 || steps > schedule->num_timesteps()) {
    return absl::InvalidArgumentError(absl::StrCat("steps must be from 1 to ",
                                                   schedule->num_timesteps(),
                                                   ", was ", steps));
  }
  return factory->create(*schedule, steps);
}

}  // namespace ella
