// AdamW with what diffusion models are trained with beside it.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "model/training/parameter_set.h"

namespace ella {

struct OptimizerOptions {
  double learning_rate = 1e-3;  // at its highest
  int64_t warmup_steps = 100;   // in which it rises from 0
  // Of all steps; over the last third the rate falls to a twentieth.
  int64_t total_steps = 1000;
  double beta1 = 0.9;
  double beta2 = 0.99;
  double weight_decay = 0.01;  // of matrices; norms and biases have none
  double max_gradient_norm = 1;
  // How much the average of the parameters keeps at each step; less at first.
  double average_decay = 0.999;
};

double LearningRateAt(const OptimizerOptions& options, int64_t step);

// Decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101) by torch's
// fused kernel, clipping of the gradient's norm, and an exponential average of
// the parameters, which is what is served. One thread.
class Optimizer {
 public:
  // The parameters become leaves of autograd; their tensors are shared with the
  // optimizer, which changes them in place.
  Optimizer(const OptimizerOptions& options, const ParameterSet& parameters);

  // One step, from the gradients of the parameters, which are cleared; one
  // without a gradient stays as it is. Returns the gradients' norm before
  // clipping.
  double Step();
  int64_t steps_done() const { return steps_done_; }

  ParameterSet average() const;

  // Everything, for a resumption that goes on exactly as if nothing had been.
  ParameterSet State() const;
  // InvalidArgument where the state is of other parameters.
  absl::Status SetState(const ParameterSet& state, int64_t steps_done);

 private:
  const OptimizerOptions options_;
  std::vector<std::string> names_;
  // Of each name in turn.
  std::vector<at::Tensor> parameters_, averages_, moments_, squares_;
  std::vector<bool> decays_;
  int64_t steps_done_ = 0;
};

}  // namespace ella
