#include "client/bench/load_plan.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "client/bench/plan_file.h"

namespace ella {
namespace {

constexpr int kRequests = 20000;

PlanOptions Options() {
  PlanOptions options;
  options.prompts = {"a", "b", "c", "d"};
  options.rate = 50;
  options.seed = 3;
  options.steps = *ParseIntegerMixture("5-50");
  options.conditionings = *ParseNameMixture("ella,clip");
  return options;
}

std::vector<LoadRequest> Take(const PlanOptions& options, int count) {
  LoadPlan plan(options);
  std::vector<LoadRequest> requests;
  for (int i = 0; i < count; ++i) {
    std::optional<LoadRequest> next = plan.Next();
    if (!next) break;
    requests.push_back(*std::move(next));
  }
  return requests;
}

std::string Lines(const PlanOptions& options) {
  std::string lines;
  for (const LoadRequest& request : Take(options, 50)) {
    lines += PlanLine(request);
  }
  return lines;
}

std::map<std::string, int> PromptCounts(const PlanOptions& options) {
  std::map<std::string, int> counts;
  for (const LoadRequest& request : Take(options, kRequests)) {
    ++counts[request.request.prompt()];
  }
  return counts;
}

TEST(LoadPlanTest, IsAFunctionOfOptionsAndSeed) {
  PlanOptions options = Options();
  const std::string lines = Lines(options);
  EXPECT_EQ(Lines(options), lines);
  options.seed = 4;
  EXPECT_NE(Lines(options), lines);
}

TEST(LoadPlanTest, ArrivalsAreAPoissonProcess) {
  double at_s = 0, sum = 0, squares = 0;
  for (const LoadRequest& request : Take(Options(), kRequests)) {
    const double gap = request.at_s - at_s;
    ASSERT_GE(gap, 0);
    sum += gap;
    squares += gap * gap;
    at_s = request.at_s;
  }
  // Exponential gaps: the deviation is the mean.
  const double mean = sum / kRequests;
  EXPECT_NEAR(mean, 1.0 / 50, 0.03 / 50);
  EXPECT_NEAR(squares / kRequests - mean * mean, mean * mean,
              0.1 * mean * mean);
}

TEST(LoadPlanTest, TheRateStretchesTheSameRequests) {
  PlanOptions options = Options();
  const std::vector<LoadRequest> slow = Take(options, 100);
  options.rate = 100;
  const std::vector<LoadRequest> fast = Take(options, 100);
  for (int i = 0; i < 100; ++i) {
    EXPECT_NEAR(fast[i].at_s, slow[i].at_s / 2, 1e-9);
    EXPECT_EQ(fast[i].request.SerializeAsString(),
              slow[i].request.SerializeAsString());
  }
}

TEST(LoadPlanTest, OneMixtureDoesNotMoveAnother) {
  PlanOptions options = Options();
  const std::vector<LoadRequest> with = Take(options, 100);
  options.steps = {};
  options.cancel_share = 0.5;
  const std::vector<LoadRequest> without = Take(options, 100);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(with[i].request.has_steps());
    EXPECT_FALSE(without[i].request.has_steps());
    EXPECT_EQ(without[i].request.prompt(), with[i].request.prompt());
    EXPECT_EQ(without[i].request.seed(), with[i].request.seed());
    EXPECT_EQ(without[i].request.conditioning(),
              with[i].request.conditioning());
  }
}

TEST(LoadPlanTest, WhatHasNoMixtureIsLeftToTheServer) {
  PlanOptions options;
  options.prompts = {"a"};
  const LoadRequest planned = *LoadPlan(options).Next();
  EXPECT_EQ(planned.at_s, 0);
  v1::GenerateRequest expected;
  expected.set_prompt("a");
  expected.set_seed(planned.request.seed());
  EXPECT_EQ(planned.request.SerializeAsString(), expected.SerializeAsString());
}

TEST(LoadPlanTest, RepeatsPromptsUniformly) {
  for (const auto& [prompt, count] : PromptCounts(Options())) {
    EXPECT_NEAR(count, kRequests / 4, 0.02 * kRequests) << prompt;
  }
}

TEST(LoadPlanTest, RepeatsPromptsByZipf) {
  PlanOptions options = Options();
  options.repeat = PromptRepeat::kZipf;
  options.zipf_exponent = 1;
  std::map<std::string, int> counts = PromptCounts(options);
  const double sum = 1 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4;
  EXPECT_NEAR(counts["a"], kRequests / sum, 0.02 * kRequests);
  EXPECT_NEAR(counts["b"], kRequests / sum / 2, 0.02 * kRequests);
  EXPECT_NEAR(counts["d"], kRequests / sum / 4, 0.02 * kRequests);
}

TEST(LoadPlanTest, SendsEachPromptOnce) {
  PlanOptions options = Options();
  options.repeat = PromptRepeat::kOnce;
  std::string prompts;
  for (const LoadRequest& request : Take(options, 100)) {
    prompts += request.request.prompt();
  }
  EXPECT_EQ(prompts, "abcd");
}

TEST(LoadPlanTest, SharesOfCancelledAndDeaf) {
  PlanOptions options = Options();
  options.cancel_share = 0.5;
  options.deaf_share = 0.2;
  int by_rpc = 0, by_drop = 0, deaf = 0;
  double moments = 0;
  for (const LoadRequest& request : Take(options, kRequests)) {
    EXPECT_FALSE(request.deaf && request.cancel_by != CancelBy::kNothing);
    by_rpc += request.cancel_by == CancelBy::kRpc;
    by_drop += request.cancel_by == CancelBy::kDroppedCall;
    deaf += request.deaf;
    moments += request.cancel_at;
  }
  EXPECT_NEAR(deaf, 0.2 * kRequests, 0.02 * kRequests);
  EXPECT_NEAR(by_rpc, 0.8 * 0.25 * kRequests, 0.02 * kRequests);
  EXPECT_NEAR(by_drop, 0.8 * 0.25 * kRequests, 0.02 * kRequests);
  EXPECT_NEAR(moments / (by_rpc + by_drop), 0.5, 0.02);
}

TEST(RunLimitsTest, EndsWithTheTime) {
  const RunLimits limits(2, 3, std::nullopt);
  EXPECT_TRUE(limits.Allow(4.9));
  EXPECT_FALSE(limits.Allow(5));
  EXPECT_EQ(limits.end_s(), 5);
  EXPECT_FALSE(limits.Counts(1.9));
  EXPECT_TRUE(limits.Counts(2));
}

TEST(RunLimitsTest, RequestsOfTheWarmUpAreFree) {
  RunLimits limits(2, std::nullopt, 2);
  for (const double at_s : {0.0, 1.0, 1.5, 2.0, 1e9}) {
    EXPECT_TRUE(limits.Allow(at_s)) << at_s;
    limits.Take(at_s);
  }
  EXPECT_FALSE(limits.Allow(1e9));
}

}  // namespace
}  // namespace ella
