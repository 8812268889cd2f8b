#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "client/compare_prompts.h"
#include "nlohmann/json.hpp"
#include "tests/client/ella_command.h"
#include "tests/client/flat_pictures.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class CompareVerbTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) {
    return folder_.path() + "/" + name;
  }

  std::vector<std::string> Args(const std::vector<std::string>& more) {
    std::vector<std::string> args = {
        "compare", "--server", server_.address(), "-o", folder_.path(),
        "--size",  "16x8"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }

  CommandResult Compare(const std::vector<std::string>& more) {
    return RunCommand(Args(more));
  }

  std::set<std::string> Names() {
    std::set<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.path())) {
      names.insert(entry.path().filename());
    }
    return names;
  }

  // What was asked for with this conditioning.
  v1::GenerateRequest RequestOfColumn(v1::Conditioning conditioning) {
    for (const v1::GenerateRequest& request : server_.service().requests()) {
      if (request.conditioning() == conditioning) return request;
    }
    ADD_FAILURE() << "no request of column " << conditioning;
    return {};
  }

  FakeServer server_;
  const TempFolder folder_;
};

TEST_F(CompareVerbTest, ThreeColumnsWithGutters) {
  server_.service().AddScript(DrawFlat());
  const CommandResult result = Compare({"a fox"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, Path("000.png") + "\n");
  EXPECT_EQ(result.err, "");
  const DecodedPng png = ReadPng(Path("000.png"));
  ASSERT_EQ(png.image.width, 3 * 16 + 8);
  ASSERT_EQ(png.image.height, 8 + 4);
  const Rgb black = {0, 0, 0};
  const v1::Conditioning columns[] = {v1::CONDITIONING_CLIP,
                                      v1::CONDITIONING_ELLA_FIXED,
                                      v1::CONDITIONING_ELLA};
  for (int y = 0; y < png.image.height; ++y) {
    for (int x = 0; x < png.image.width; ++x) {
      const bool gutter = x % 18 < 2 || y < 2 || y >= 10;
      const Rgb expected =
          gutter ? black : FlatColor(RequestOfColumn(columns[x / 18]), 0);
      ASSERT_EQ(PixelOf(png.image, x, y), expected) << x << ", " << y;
    }
  }
  EXPECT_EQ(TextOf(png, "prompt"), "a fox");
  EXPECT_EQ(TextOf(png, "columns"), "clip,ella-fixed,ella");
  EXPECT_EQ(TextOf(png, "model_fingerprint"), "abc");
  EXPECT_EQ(TextOf(png, "conditioning"), "none");
}

TEST_F(CompareVerbTest, TheReferenceTestIsTheDefault) {
  v1::Defaults usual;
  usual.set_steps(25);
  usual.set_guidance_scale(10);
  usual.set_sampler("dpmpp_2m");
  server_.service().set_defaults(usual);
  server_.service().AddScript(DrawFlat());
  const CommandResult result = Compare({});
  ASSERT_EQ(result.code, 0) << result.err;
  std::set<std::string> expected;
  for (const NamedPrompt& prompt : DefaultPrompts()) {
    expected.insert(prompt.name + ".png");
  }
  EXPECT_EQ(Names(), expected);
  const auto requests = server_.service().requests();
  EXPECT_EQ(requests.size(), 27u);
  for (const v1::GenerateRequest& request : requests) {
    EXPECT_EQ(request.seed(), 1001u);
    EXPECT_EQ(request.steps(), 50u);
    EXPECT_EQ(request.guidance_scale(), 12);
    EXPECT_EQ(request.sampler(), "dpmpp_2m");
    EXPECT_EQ(request.num_images(), 1u);
    EXPECT_EQ(request.negative_prompt(), "");
  }
}

TEST_F(CompareVerbTest, AModelsOwnDefaultsCount) {
  v1::Defaults own;
  own.set_steps(20);
  own.set_guidance_scale(4);
  server_.service().set_defaults(own);
  server_.service().AddScript(DrawFlat());
  ASSERT_EQ(Compare({"a fox", "--columns", "ella"}).code, 0);
  ASSERT_EQ(Compare({"a fox", "--columns", "ella", "--steps", "25"}).code, 0);
  const auto requests = server_.service().requests();
  EXPECT_EQ(requests[0].steps(), 20u);
  EXPECT_EQ(requests[0].guidance_scale(), 4);
  EXPECT_EQ(requests[1].steps(), 25u);
}

TEST_F(CompareVerbTest, TheNotebooksSettings) {
  std::ofstream(Path("prompts.txt")) << "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
  server_.service().AddScript(DrawFlat());
  const CommandResult result =
      Compare({"--prompts", Path("prompts.txt"), "--steps", "70", "--guidance",
               "11", "--negative", "blurry", "--fixed-negative", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(Names(),
              UnorderedElementsAre("prompts.txt", "000.png", "001.png",
                                   "002.png", "003.png", "004.png", "005.png",
                                   "006.png", "007.png", "008.png", "009.png"));
  for (const v1::GenerateRequest& request : server_.service().requests()) {
    EXPECT_EQ(request.steps(), 70u);
    EXPECT_EQ(request.guidance_scale(), 11);
    EXPECT_EQ(request.negative_prompt(), "blurry");
    EXPECT_EQ(request.fixed_negative(),
              request.conditioning() == v1::CONDITIONING_ELLA);
  }
  const json summary = json::parse(result.out);
  EXPECT_EQ(summary["grids"].size(), 10u);
  EXPECT_EQ(summary["failed"].size(), 0u);
  EXPECT_EQ(summary["steps"], 70);
  EXPECT_FALSE(summary.contains("error"));
}

TEST_F(CompareVerbTest, ColumnsCanBeChosen) {
  server_.service().AddScript(DrawFlat());
  const CommandResult result = Compare({"--columns", "ella,clip", "a fox"});
  ASSERT_EQ(result.code, 0) << result.err;
  const DecodedPng png = ReadPng(Path("000.png"));
  EXPECT_EQ(png.image.width, 2 * 16 + 6);
  EXPECT_EQ(PixelOf(png.image, 2, 2),
            FlatColor(RequestOfColumn(v1::CONDITIONING_ELLA), 0));
  EXPECT_EQ(PixelOf(png.image, 20, 2),
            FlatColor(RequestOfColumn(v1::CONDITIONING_CLIP), 0));
}

TEST_F(CompareVerbTest, SameCommandSameBytesOverWhatWasThere) {
  server_.service().AddScript(DrawFlat());
  std::ofstream(Path("000.png")) << "old";
  ASSERT_EQ(Compare({"a fox"}).code, 0);
  const DecodedPng first = ReadPng(Path("000.png"));
  ASSERT_EQ(Compare({"a fox"}).code, 0);
  const DecodedPng second = ReadPng(Path("000.png"));
  EXPECT_EQ(first.image.pixels, second.image.pixels);
  EXPECT_EQ(first.texts, second.texts);
  EXPECT_THAT(Names(), UnorderedElementsAre("000.png"));
}

TEST_F(CompareVerbTest, AFailedPromptIsNamedAndTheOthersAreDrawn) {
  server_.service().AddScript(
      [](const v1::GenerateRequest& request, FakeService::Writer& writer) {
        if (request.prompt() == "b") {
          return BadRequestStatus("1 field is wrong", {{"prompt", "too long"}});
        }
        return DrawFlat()(request, writer);
      });
  const CommandResult result = Compare({"a", "b", "c", "--json"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("INVALID_ARGUMENT: 001: 1 field is wrong"));
  EXPECT_THAT(Names(), UnorderedElementsAre("000.png", "002.png"));
  const json summary = json::parse(result.out);
  EXPECT_EQ(summary["failed"][0]["name"], "001");
  EXPECT_EQ(summary["failed"][0]["error"]["fields"][0]["field"], "prompt");
}

TEST_F(CompareVerbTest, BadUsageIsTwo) {
  EXPECT_EQ(Compare({"a fox", "--columns", "clip,sdxl"}).code, 2);
  EXPECT_EQ(Compare({"a fox", "--in-flight", "0"}).code, 2);
  EXPECT_EQ(Compare({"a fox", "--prompts", Path("x")}).code, 2);
  EXPECT_EQ(Compare({"--prompts", Path("missing")}).code, 2);
  EXPECT_EQ(Compare({"\xff"}).code, 2);
  EXPECT_EQ(Compare({"a fox", "--negative", "\xff"}).code, 2);
  EXPECT_EQ(Compare({""}).code, 2);
  EXPECT_EQ(server_.service().requests().size(), 0u);
}

TEST_F(CompareVerbTest, SaysWhatTheServerLacks) {
  const CommandResult result = Compare({"a fox", "--model", "other"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err,
              HasSubstr("NOT_FOUND: the server has no model other"));
}

TEST_F(CompareVerbTest, AFullDiskIsAClearError) {
  if (!std::filesystem::exists("/dev/full")) {
    GTEST_SKIP() << "no /dev/full here";
  }
  server_.service().AddScript(DrawFlat());
  std::filesystem::create_symlink("/dev/full", Path("000.png"));
  const CommandResult result = Compare({"a fox"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("No space left"));
}

TEST_F(CompareVerbTest, HelpStatesTheDefaults) {
  const CommandResult result = RunCommand({"compare", "--help"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("50 steps, guidance 12"));
  EXPECT_THAT(result.out, HasSubstr("1001"));
}

TEST_F(CompareVerbTest, CtrlCCancelsOnTheServer) {
  absl::Notification running, stopped;
  server_.service().AddScript(
      [&](const v1::GenerateRequest&, FakeService::Writer& writer) {
        running.Notify();
        while (writer.Write(ProgressEvent(1, 2))) {
        }
        stopped.Notify();
        return grpc::Status::OK;
      });
  EllaProcess process(Args({"a fox", "--in-flight", "1"}), Path("err"));
  running.WaitForNotification();
  process.Signal(SIGINT);
  EXPECT_EQ(process.Wait(), 1);
  stopped.WaitForNotification();
  EXPECT_THAT(Names(), UnorderedElementsAre("err"));
}

}  // namespace
}  // namespace ella
