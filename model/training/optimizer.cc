#include "model/training/optimizer.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ella {
namespace {

constexpr double kEpsilon = 1e-8;

std::vector<at::Tensor> Select(const std::vector<at::Tensor>& tensors,
                               const std::vector<bool>& flags, bool flag) {
  std::vector<at::Tensor> selected;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (flags[i] == flag) selected.push_back(tensors[i]);
  }
  return selected;
}

}  // namespace

double LearningRateAt(const OptimizerOptions& options, int64_t step) {
  const double warmup = static_cast<double>(options.warmup_steps);
  if (static_cast<double>(step) < warmup) {
    return options.learning_rate * static_cast<double>(step + 1) / warmup;
  }
  const double total = static_cast<double>(options.total_steps);
  const double begin = total * 2 / 3;
  const double part = std::clamp(
      (static_cast<double>(step) - begin) / (total - begin), 0.0, 1.0);
  constexpr double kLast = 0.05;
  return options.learning_rate *
         (kLast + (1 - kLast) * (1 + std::cos(part * M_PI)) / 2);
}

Optimizer::Optimizer(const OptimizerOptions& options,
                     const ParameterSet& parameters)
    : options_(options) {
  for (const auto& [name, parameter] : parameters) {
    names_.push_back(name);
    parameters_.push_back(parameter.requires_grad_());
    averages_.push_back(parameter.detach().clone());
    moments_.push_back(at::zeros_like(parameter));
    squares_.push_back(at::zeros_like(parameter));
    decays_.push_back(parameter.dim() > 1);
  }
}

double Optimizer::Step() {
  c10::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (at::Tensor& parameter : parameters_) {
    gradients.push_back(parameter.grad().defined() ? parameter.grad()
                                                   : at::zeros_like(parameter));
  }
  const double norm =
      at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (norm > options_.max_gradient_norm) {
    at::_foreach_mul_(gradients, options_.max_gradient_norm / norm);
  }
  for (const bool decays : {false, true}) {
    const std::vector<at::Tensor> parameters =
        Select(parameters_, decays_, decays);
    if (parameters.empty()) continue;
    const std::vector<at::Tensor> counts(
        parameters.size(), at::full({}, static_cast<double>(steps_done_ + 1),
                                    parameters[0].options()));
    at::_fused_adamw_(parameters, Select(gradients, decays_, decays),
                      Select(moments_, decays_, decays),
                      Select(squares_, decays_, decays), {}, counts,
                      LearningRateAt(options_, steps_done_), options_.beta1,
                      options_.beta2, decays ? options_.weight_decay : 0,
                      kEpsilon, /*amsgrad=*/false, /*maximize=*/false);
  }
  ++steps_done_;
  const double decay = std::min(options_.average_decay,
                                static_cast<double>(steps_done_ + 1) /
                                    static_cast<double>(steps_done_ + 10));
  at::_foreach_lerp_(averages_, parameters_, 1 - decay);
  for (at::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
  return norm;
}

ParameterSet Optimizer::average() const {
  ParameterSet average;
  for (size_t i = 0; i < names_.size(); ++i) average[names_[i]] = averages_[i];
  return average;
}

ParameterSet Optimizer::State() const {
  ParameterSet state;
  for (size_t i = 0; i < names_.size(); ++i) {
    state["parameter/" + names_[i]] = parameters_[i];
    state["average/" + names_[i]] = averages_[i];
    state["moment/" + names_[i]] = moments_[i];
    state["square/" + names_[i]] = squares_[i];
  }
  return state;
}

absl::Status Optimizer::SetState(const ParameterSet& state,
                                 int64_t steps_done) {
  c10::NoGradGuard no_grad;
  const ParameterSet own = State();
  for (const auto& [name, tensor] : own) {
    const auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != tensor.sizes()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the checkpoint has no ", name, " of the right shape"));
    }
  }
  for (const auto& [name, tensor] : own) tensor.copy_(state.at(name));
  steps_done_ = steps_done;
  return absl::OkStatus();
}

}  // namespace ella
