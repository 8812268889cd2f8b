// Steps that are exact where the prediction of x0 is constant or linear in
// lambda = -log(sigma): "DPM-Solver++" (2211.01095). Latents are
// alpha * (x0 + sigma * noise), alpha = 1 / sqrt(1 + sigma^2).
#pragma once

#include <ATen/ATen.h>

namespace ella {

// x0 by the noise prediction eps at a sigma.
at::Tensor PredictX0(const at::Tensor& latents, const at::Tensor& eps,
                     double sigma);

// The coefficients of a step: latents * decay + x0 * gain for a constant x0.
// h is its length in lambda, infinite for a step to sigma 0.
struct ExponentialStep {
  ExponentialStep(double from_sigma, double to_sigma);

  at::Tensor Apply(const at::Tensor& latents, const at::Tensor& x0) const;

  double h;
  double decay;
  double gain;
};

// Whether a second-order method may be used on this step and the one before.
// At as many steps as timesteps some repeat; differences over steps of no
// length are 0/0.
bool SecondOrderFits(const ExponentialStep& step,
                     const ExponentialStep& previous);

// The multistep method of order 2, DPM-Solver++(2M) and the predictor of UniPC:
// x0 and previous_x0 are the predictions at the start of the step and of the
// one before.
at::Tensor SecondOrderStep(const ExponentialStep& step,
                           const ExponentialStep& previous,
                           const at::Tensor& latents, const at::Tensor& x0,
                           const at::Tensor& previous_x0);

}  // namespace ella
