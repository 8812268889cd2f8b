#include "model/layers/timestep_embedding.h"

#include <cmath>

namespace ella {
namespace {
constexpr double kMaxPeriod = 10000;
}

at::Tensor TimestepSinusoid(const at::Tensor& timesteps, int64_t channels) {
  const int64_t half = channels / 2;
  const at::Tensor exponent =
      at::arange(half, timesteps.options().dtype(at::kFloat)) *
      (-std::log(kMaxPeriod)) / half;
  // [B, half]
  const at::Tensor angle =
      timesteps.to(at::kFloat).unsqueeze(1) * exponent.exp().unsqueeze(0);
  return at::cat({angle.cos(), angle.sin()}, 1);
}

TimestepEmbedding::TimestepEmbedding(const ParameterScope& scope,
                                     int64_t channels, int64_t width)
    : channels_(channels),
      linear_1_(scope["linear_1"], channels, width),
      linear_2_(scope["linear_2"], width, width) {}

at::Tensor TimestepEmbedding::forward(const at::Tensor& timesteps,
                                      at::ScalarType dtype) const {
  const at::Tensor sinusoid = TimestepSinusoid(timesteps, channels_).to(dtype);
  return linear_2_.forward(at::silu(linear_1_.forward(sinusoid)));
}

}  // namespace ella
