#include "client/bench_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_join.h"

namespace ella {
namespace {

using ::testing::HasSubstr;
using Args = std::vector<std::string>;

// What is wrong; nothing where they parse.
std::string Parse(Args args, BenchOptions* options) {
  CLI::App app;
  AddBenchOptions(&app, options);
  // CLI11 takes them from the back.
  std::reverse(args.begin(), args.end());
  try {
    app.parse(args);
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return "";
}

TEST(BenchOptionsTest, Defaults) {
  BenchOptions options;
  ASSERT_EQ(Parse({}, &options), "");
  EXPECT_EQ(options.server.addresses,
            std::vector<std::string>{"127.0.0.1:8001"});
  EXPECT_FALSE(options.plan.prompts.empty());
  EXPECT_EQ(options.plan.repeat, PromptRepeat::kUniform);
  EXPECT_FALSE(options.plan.rate || options.concurrency || options.duration_s ||
               options.requests || options.write_plan || options.replay ||
               options.retry || options.json);
  EXPECT_TRUE(options.plan.steps.parts.empty());
}

TEST(BenchOptionsTest, TakesAllOfThem) {
  BenchOptions options;
  ASSERT_EQ(Parse({"--rate",
                   "2.5",
                   "--warmup",
                   "1.5",
                   "--duration",
                   "20",
                   "--requests",
                   "100",
                   "--seed",
                   "18446744073709551615",
                   "--repeat",
                   "zipf:1.1",
                   "--steps",
                   "5:3,50:1",
                   "--sizes",
                   "64x64,128x64",
                   "--guidance",
                   "1,5-10",
                   "--conditioning",
                   "ella,clip:2",
                   "--samplers",
                   "ddim,pndm",
                   "--images",
                   "1-4",
                   "--model",
                   "m",
                   "--preview-every",
                   "5",
                   "--preview-kind",
                   "vae",
                   "--cancel-share",
                   "0.2",
                   "--deaf-share",
                   "0.1",
                   "--timeout",
                   "9",
                   "--retry",
                   "--channels",
                   "8",
                   "--good-within",
                   "3",
                   "--plan",
                   "p.jsonl",
                   "--json"},
                  &options),
            "");
  EXPECT_EQ(options.plan.rate, 2.5);
  EXPECT_EQ(options.warmup_s, 1.5);
  EXPECT_EQ(options.duration_s, 20);
  EXPECT_EQ(options.requests, 100u);
  EXPECT_EQ(options.plan.seed, 18446744073709551615u);
  EXPECT_EQ(options.plan.repeat, PromptRepeat::kZipf);
  EXPECT_EQ(options.plan.zipf_exponent, 1.1);
  EXPECT_EQ(options.plan.steps.parts.size(), 2u);
  EXPECT_EQ(options.plan.steps.parts[0].weight, 3);
  EXPECT_EQ(options.plan.sizes.parts[1].low.width, 128u);
  EXPECT_EQ(options.plan.guidance.parts[1].high, 10);
  EXPECT_EQ(options.plan.conditionings.parts[1].low, "clip");
  EXPECT_EQ(options.plan.samplers.parts[1].low, "pndm");
  EXPECT_EQ(options.plan.images.parts[0].high, 4u);
  EXPECT_EQ(options.model, "m");
  EXPECT_EQ(options.preview_every, 5u);
  EXPECT_EQ(options.preview_kind, "vae");
  EXPECT_EQ(options.plan.cancel_share, 0.2);
  EXPECT_EQ(options.plan.deaf_share, 0.1);
  EXPECT_EQ(options.timeout_s, 9);
  EXPECT_TRUE(options.retry);
  EXPECT_EQ(options.channels, 8u);
  EXPECT_EQ(options.good_within_s, 3);
  EXPECT_EQ(options.write_plan, "p.jsonl");
  EXPECT_TRUE(options.json);
}

TEST(BenchOptionsTest, BadUsageNamesTheFlag) {
  const std::vector<Args> bad = {
      {"--rate", "0"},
      {"--rate", "fast"},
      {"--rate", "inf"},
      {"--concurrency", "0"},
      {"--concurrency", "1.5"},
      {"--concurrency", "2", "--rate", "2"},
      {"--replay", "p", "--rate", "2"},
      {"--plan", "p"},
      {"--warmup", "-1"},
      {"--duration", "0"},
      {"--requests", "0"},
      {"--seed", "-1"},
      {"--prompts", "no/such/file"},
      {"--repeat", "zipf"},
      {"--repeat", "zipf:x"},
      {"--repeat", "twice"},
      {"--steps", "5:x"},
      {"--steps", ""},
      {"--sizes", "64"},
      {"--guidance", "much"},
      {"--conditioning", "t5"},
      {"--samplers", ","},
      {"--images", "-1"},
      {"--preview-every", "0"},
      {"--preview-kind", "rgb"},
      {"--cancel-share", "1.5"},
      {"--deaf-share", "-0.1"},
      {"--timeout", "0"},
      {"--channels", "0"},
      {"--good-within", "0"},
  };
  for (const Args& args : bad) {
    BenchOptions options;
    EXPECT_THAT(Parse(args, &options), HasSubstr(args[0]))
        << absl::StrJoin(args, " ");
  }
}

}  // namespace
}  // namespace ella
