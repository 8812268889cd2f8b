#include "client/generate_options.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_join.h"

namespace ella {
namespace {

using Args = std::vector<std::string>;

bool Parses(Args args, GenerateOptions* options) {
  CLI::App app;
  AddGenerateOptions(&app, options);
  // CLI11 takes them from the back.
  std::reverse(args.begin(), args.end());
  try {
    app.parse(args);
  } catch (const CLI::ParseError&) {
    return false;
  }
  return true;
}

GenerateOptions Parsed(Args args) {
  args.insert(args.end(), {"-o", "out.png"});
  GenerateOptions options;
  EXPECT_TRUE(Parses(args, &options)) << absl::StrJoin(args, " ");
  return options;
}

TEST(GenerateOptionsTest, NothingIsSetThatWasNotGiven) {
  const GenerateOptions options = Parsed({"a fox"});
  EXPECT_EQ(options.prompt, "a fox");
  EXPECT_EQ(options.output, "out.png");
  EXPECT_EQ(options.server.addresses,
            std::vector<std::string>{"127.0.0.1:8001"});
  EXPECT_EQ(options.timeout_s, 600);
  EXPECT_FALSE(options.prompt_file || options.from || options.model ||
               options.negative || options.conditioning ||
               options.fixed_negative || options.steps || options.guidance ||
               options.sampler || options.width || options.height ||
               options.seed || options.count || options.preview_every ||
               options.preview_dir || options.preview_kind ||
               options.request_id || options.priority || options.json);
}

TEST(GenerateOptionsTest, SeveralServersByCommasOrRepetition) {
  const std::vector<std::string> three = {"a:1", "b:2", "c:3"};
  EXPECT_EQ(Parsed({"--server", "a:1,b:2,c:3", "prompt"}).server.addresses,
            three);
  const GenerateOptions options =
      Parsed({"--server", "a:1", "--server", "b:2,c:3", "prompt"});
  EXPECT_EQ(options.server.addresses, three);
  EXPECT_EQ(options.prompt, "prompt");
}

TEST(GenerateOptionsTest, TakesAllOfThem) {
  const GenerateOptions options = Parsed({"a fox",
                                          "--server",
                                          "[::1]:9",
                                          "--model",
                                          "m",
                                          "--negative",
                                          "-blurry",
                                          "--conditioning",
                                          "ella-fixed",
                                          "--fixed-negative",
                                          "--steps",
                                          "12",
                                          "--guidance",
                                          "7.5",
                                          "--sampler",
                                          "ddim",
                                          "--size",
                                          "512x768",
                                          "--seed",
                                          "4294967295",
                                          "--count",
                                          "3",
                                          "--preview-every",
                                          "2",
                                          "--preview-dir",
                                          "p",
                                          "--preview-kind",
                                          "vae",
                                          "--timeout",
                                          "1.5",
                                          "--request-id",
                                          "id",
                                          "--priority",
                                          "-3",
                                          "--json"});
  EXPECT_EQ(options.server.addresses, std::vector<std::string>{"[::1]:9"});
  EXPECT_EQ(options.model, "m");
  EXPECT_EQ(options.negative, "-blurry");
  EXPECT_EQ(options.conditioning, "ella-fixed");
  EXPECT_TRUE(options.fixed_negative);
  EXPECT_EQ(options.steps, 12u);
  EXPECT_EQ(options.guidance, 7.5f);
  EXPECT_EQ(options.sampler, "ddim");
  EXPECT_EQ(options.width, 512u);
  EXPECT_EQ(options.height, 768u);
  EXPECT_EQ(options.seed, 4294967295u);
  EXPECT_EQ(options.count, 3u);
  EXPECT_EQ(options.preview_every, 2u);
  EXPECT_EQ(options.preview_dir, "p");
  EXPECT_EQ(options.preview_kind, "vae");
  EXPECT_EQ(options.timeout_s, 1.5);
  EXPECT_EQ(options.request_id, "id");
  EXPECT_EQ(options.priority, -3);
  EXPECT_TRUE(options.json);
}

TEST(GenerateOptionsTest, OddValuesAreTheServersBusiness) {
  EXPECT_EQ(Parsed({"--steps", "0"}).steps, 0u);
  EXPECT_EQ(Parsed({"--steps=10000"}).steps, 10000u);
  EXPECT_TRUE(std::isnan(*Parsed({"--guidance", "nan"}).guidance));
  EXPECT_EQ(Parsed({"--guidance", "-1"}).guidance, -1);
  EXPECT_EQ(Parsed({"--guidance", "inf"}).guidance, INFINITY);
  EXPECT_EQ(Parsed({"--size", "7x100000"}).height, 100000u);
  EXPECT_EQ(Parsed({"--sampler", "none"}).sampler, "none");
  EXPECT_EQ(Parsed({""}).prompt, "");
  EXPECT_EQ(Parsed({"a", "--negative", ""}).negative, "");
  EXPECT_EQ(Parsed({"[a, b] {c}"}).prompt, "[a, b] {c}");
  EXPECT_EQ(Parsed({"--seed", "010"}).seed, 10u);
  EXPECT_EQ(Parsed({"--guidance", "0.1"}).guidance, 0.1f);
}

TEST(GenerateOptionsTest, RefusesBadUsage) {
  const std::vector<Args> bad = {
      {"a", "--steps", "many"},
      {"a", "--steps", "-1"},
      {"a", "--steps", "1.5"},
      {"a", "--steps", ""},
      {"a", "--steps", "4294967296"},
      {"a", "--steps"},
      {"a", "--steps", "1", "--steps", "2"},
      {"a", "--guidance", "much"},
      {"a", "--size", "512"},
      {"a", "--size", "512x"},
      {"a", "--size", "-8x8"},
      {"a", "--size", "8x8x8"},
      {"a", "--seed", "-1"},
      {"a", "--count", "two"},
      {"a", "--priority", "high"},
      {"a", "--conditioning", "t5"},
      {"a", "--timeout", "0"},
      {"a", "--timeout", "nan"},
      {"a", "--timeout", "-3"},
      {"a", "--server", "localhost"},
      {"a", "--server", "localhost:0"},
      {"a", "--server", ":80"},
      {"a", "--server", "localhost:80,localhost"},
      {"a", "--preview-every", "2"},
      {"a", "--preview-dir", "p"},
      {"a", "--preview-kind", "rgb"},
      {"a", "--preview-every", "2", "--preview-dir", "p", "--preview-kind",
       "png"},
      {"a", "--prompt-file", "f"},
      {"a", "b"},
      {"a", "--unknown"},
  };
  for (Args args : bad) {
    args.insert(args.begin(), {"-o", "out.png"});
    GenerateOptions options;
    EXPECT_FALSE(Parses(args, &options)) << absl::StrJoin(args, " ");
  }
  GenerateOptions options;
  EXPECT_FALSE(Parses({"a prompt, but no output"}, &options));
}

}  // namespace
}  // namespace ella
