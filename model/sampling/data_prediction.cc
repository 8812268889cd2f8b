#include "model/sampling/data_prediction.h"

#include <cmath>

namespace ella {
namespace {

double Alpha(double sigma) { return 1 / std::sqrt(1 + sigma * sigma); }

}  // namespace

at::Tensor PredictX0(const at::Tensor& latents, const at::Tensor& eps,
                     double sigma) {
  return latents / Alpha(sigma) - eps * sigma;
}

// exp(-h) is the ratio of the sigmas.
ExponentialStep::ExponentialStep(double from_sigma, double to_sigma)
    : h(std::log(from_sigma) - std::log(to_sigma)),
      decay(Alpha(to_sigma) / Alpha(from_sigma) * to_sigma / from_sigma),
      gain(Alpha(to_sigma) * (1 - to_sigma / from_sigma)) {}

at::Tensor ExponentialStep::Apply(const at::Tensor& latents,
                                  const at::Tensor& x0) const {
  return latents * decay + x0 * gain;
}

bool SecondOrderFits(const ExponentialStep& step,
                     const ExponentialStep& previous) {
  constexpr double kShortest = 1e-4;
  return std::isfinite(step.h) && step.h > kShortest && previous.h > kShortest;
}

at::Tensor SecondOrderStep(const ExponentialStep& step,
                           const ExponentialStep& previous,
                           const at::Tensor& latents, const at::Tensor& x0,
                           const at::Tensor& previous_x0) {
  const double half_ratio = step.h / (2 * previous.h);
  return step.Apply(latents, x0 * (1 + half_ratio) - previous_x0 * half_ratio);
}

}  // namespace ella
