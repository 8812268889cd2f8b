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

enum class Use { kLeft, kStepped, kSteppedAndDecayed };

std::vector<at::Tensor> Select(const std::vector<at::Tensor>& tensors,
                               const std::vector<Use>& uses, Use use) {
  std::vector<at::Tensor> selected;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (uses[i] == use) selected.push_back(tensors[i]);
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
  std::vector<Use> uses;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const at::Tensor& gradient = parameters_[i].grad();
    gradients.push_back(gradient.defined() ? gradient
                                           : at::zeros_like(parameters_[i]));
    uses.push_back(!gradient.defined() ? Use::kLeft
                   : decays_[i]        ? Use::kSteppedAndDecayed
                                       : Use::kStepped);
  }
  const double norm =
      at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (norm > options_.max_gradient_norm) {
    at::_foreach_mul_(gradients, options_.max_gradient_norm / norm);
  }
  for (const Use use : {Use::kStepped, Use::kSteppedAndDecayed}) {
    const std::vector<at::Tensor> parameters = Select(parameters_, uses, use);
    if (parameters.empty()) continue;
    const std::vector<at::Tensor> counts(
        parameters.size(), at::full({}, static_cast<double>(steps_done_ + 1),
                                    parameters[0].options()));
    const double decay =
        use == Use::kSteppedAndDecayed ? options_.weight_decay : 0;
    at::_fused_adamw_(parameters, Select(gradients, uses, use),
                      Select(moments_, uses, use), Select(squares_, uses, use),
                      {}, counts, LearningRateAt(options_, steps_done_),
                      options_.beta1, options_.beta2, decay, kEpsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
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
