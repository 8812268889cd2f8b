#include "model/sampling/timesteps.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ella {
namespace {

// 0 to last in equal parts, descending; 0 alone for one point.
std::vector<double> Linspace(int last, int points) {
  const double part = points > 1 ? static_cast<double>(last) / (points - 1) : 0;
  std::vector<double> values;
  for (int i = points - 1; i >= 0; --i) values.push_back(i * part);
  if (points > 1) values.front() = last;
  return values;
}

// Multiples of a whole number, descending, moved up by the offset.
std::vector<double> Leading(int num_timesteps, int points, int offset) {
  const int ratio = num_timesteps / points;
  offset = std::min(offset, num_timesteps - 1 - (points - 1) * ratio);
  std::vector<double> values;
  for (int i = points - 1; i >= 0; --i) values.push_back(i * ratio + offset);
  return values;
}

// Down from the last timestep in equal parts.
std::vector<double> Trailing(int num_timesteps, int points) {
  const double part = static_cast<double>(num_timesteps) / points;
  std::vector<double> values;
  for (int i = 0; i < points; ++i) {
    values.push_back(std::nearbyint(num_timesteps - i * part) - 1);
  }
  return values;
}

}  // namespace

absl::StatusOr<std::vector<float>> SpacedTimesteps(
    const NoiseSchedule& schedule, int steps, const Spacing& spacing) {
  const int n = schedule.num_timesteps();
  const int points = spacing.ends_before_zero ? steps + 1 : steps;
  const std::string name =
      schedule.config().timestep_spacing.value_or(spacing.fallback);
  std::vector<double> values;
  if (name == "linspace") {
    values = Linspace(n - 1, points);
    if (!spacing.fractional_timesteps) {
      for (double& value : values) value = std::nearbyint(value);
    }
  } else if (name == "leading") {
    if (points > n) {
      return absl::InvalidArgumentError(absl::StrCat(
          "steps must be at most ", n - 1,
          " for this sampler with timestep_spacing leading, was ", steps));
    }
    values = Leading(n, points, schedule.config().steps_offset);
  } else {
    values = Trailing(n, steps);
  }
  return std::vector<float>(values.begin(), values.begin() + steps);
}

absl::StatusOr<SigmaSchedule> SpacedSigmas(const NoiseSchedule& schedule,
                                           int steps, const Spacing& spacing) {
  auto timesteps = SpacedTimesteps(schedule, steps, spacing);
  if (!timesteps.ok()) return timesteps.status();
  SigmaSchedule result{*std::move(timesteps), {}};
  for (const float timestep : result.timesteps) {
    result.sigmas.push_back(static_cast<float>(schedule.SigmaAt(timestep)));
  }
  result.sigmas.push_back(0);
  return result;
}

SigmaSchedule KarrasSigmas(const NoiseSchedule& schedule, int steps) {
  constexpr double kRho = 7;
  const double first = std::pow(schedule.sigmas().back(), 1 / kRho);
  const double last = std::pow(schedule.sigmas().front(), 1 / kRho);
  SigmaSchedule result;
  for (int i = 0; i < steps; ++i) {
    const double part = steps > 1 ? static_cast<double>(i) / (steps - 1) : 0;
    const double sigma = std::pow(first + part * (last - first), kRho);
    const double timestep = std::nearbyint(schedule.TimestepOf(sigma));
    result.timesteps.push_back(static_cast<float>(timestep));
    result.sigmas.push_back(static_cast<float>(sigma));
  }
  result.sigmas.push_back(0);
  return result;
}

}  // namespace ella
