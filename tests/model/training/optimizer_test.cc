#include "model/training/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ella {
namespace {

constexpr OptimizerOptions kOptions = {.learning_rate = 0.1,
                                       .warmup_steps = 10,
                                       .total_steps = 300,
                                       .max_gradient_norm = 1e9};

TEST(LearningRateTest, RisesStaysAndFallsToATwentieth) {
  EXPECT_DOUBLE_EQ(LearningRateAt(kOptions, 0), 0.01);
  EXPECT_DOUBLE_EQ(LearningRateAt(kOptions, 4), 0.05);
  EXPECT_DOUBLE_EQ(LearningRateAt(kOptions, 10), 0.1);
  EXPECT_DOUBLE_EQ(LearningRateAt(kOptions, 200), 0.1);
  EXPECT_NEAR(LearningRateAt(kOptions, 250), 0.1 * (0.05 + 0.95 / 2), 1e-12);
  EXPECT_NEAR(LearningRateAt(kOptions, 300), 0.005, 1e-12);
}

// One parameter, pulled by a gradient of 2; the rate of step 0 is 0.01.
TEST(OptimizerTest, TheFirstStepIsAdamWs) {
  const ParameterSet parameters = {{"matrix", at::full({2, 2}, 3.0)},
                                   {"bias", at::full({2}, 3.0)}};
  Optimizer optimizer(kOptions, parameters);
  ((parameters.at("matrix").sum() + parameters.at("bias").sum()) * 2)
      .backward();
  EXPECT_NEAR(optimizer.Step(), 2 * std::sqrt(6.0), 1e-5);
  // With both moments corrected, the first step is the rate, whatever the
  // gradient; the matrix decays besides.
  EXPECT_NEAR(parameters.at("bias")[0].item<double>(), 3 - 0.01, 1e-5);
  EXPECT_NEAR(parameters.at("matrix")[0][0].item<double>(),
              3 - 0.01 * 0.01 * 3 - 0.01, 1e-5);
}

TEST(OptimizerTest, ClipsTheGradientsNorm) {
  const auto moment_after = [](double scale) {
    OptimizerOptions options = kOptions;
    options.max_gradient_norm = 1;
    const ParameterSet parameters = {{"bias", at::zeros({4})}};
    Optimizer optimizer(options, parameters);
    (parameters.at("bias").sum() * scale).backward();
    optimizer.Step();
    return optimizer.State().at("moment/bias")[0].item<double>();
  };
  // A norm of 0.2 stays, one of 20 becomes 1.
  EXPECT_NEAR(moment_after(0.1), 0.1 * 0.1, 1e-6);
  EXPECT_NEAR(moment_after(10), 0.1 * 0.5, 1e-6);
}

TEST(OptimizerTest, FindsTheLowestPoint) {
  const ParameterSet parameters = {{"x", at::full({3}, 2.0)}};
  Optimizer optimizer(kOptions, parameters);
  for (int i = 0; i < 300; ++i) {
    (parameters.at("x") - 0.5).square().sum().backward();
    optimizer.Step();
  }
  EXPECT_NEAR(parameters.at("x")[0].item<double>(), 0.5, 0.01);
  EXPECT_NEAR(optimizer.average().at("x")[0].item<double>(), 0.5, 0.1);
}

TEST(OptimizerTest, LeavesWhatHasNoGradient) {
  const ParameterSet parameters = {{"x", at::full({3, 3}, 2.0)},
                                   {"y", at::full({3, 3}, 2.0)}};
  Optimizer optimizer(kOptions, parameters);
  parameters.at("x").sum().backward();
  optimizer.Step();
  EXPECT_LT(parameters.at("x").max().item<double>(), 2);
  EXPECT_TRUE(at::equal(parameters.at("y"), at::full({3, 3}, 2.0)));
}

TEST(OptimizerTest, RefusesTheStateOfOtherParameters) {
  Optimizer optimizer(kOptions, {{"x", at::zeros({3})}});
  const Optimizer other(kOptions, {{"x", at::zeros({4})}});
  const absl::Status status = optimizer.SetState(other.State(), 1);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(optimizer.steps_done(), 0);
}

}  // namespace
}  // namespace ella
