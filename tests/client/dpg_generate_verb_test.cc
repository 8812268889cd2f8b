#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/barrier.h"
#include "client/dpg/generate_folder.h"
#include "nlohmann/json.hpp"
#include "tests/client/ella_command.h"
#include "tests/client/flat_pictures.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class DpgGenerateVerbTest : public ::testing::Test {
 protected:
  DpgGenerateVerbTest() { std::filesystem::create_directory(Path("prompts")); }

  std::string Path(const std::string& name) {
    return folder_.path() + "/" + name;
  }

  static std::string Content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  void AddPrompt(const std::string& id, const std::string& text) {
    std::ofstream(Path("prompts/" + id + ".txt"), std::ios::binary) << text;
  }

  std::vector<std::string> Args(const std::vector<std::string>& more) {
    std::vector<std::string> args = {
        "dpg",      "generate",        Path("prompts"), "-o",  Path("out"),
        "--server", server_.address(), "--size",        "8x8", "--steps",
        "2"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }

  CommandResult Generate(const std::vector<std::string>& more = {}) {
    return RunCommand(Args(more));
  }

  std::set<std::string> Outputs() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(Path("out"))) {
      names.insert(entry.path().filename());
    }
    return names;
  }

  // Of all requests so far.
  std::vector<std::string> Prompts() {
    std::vector<std::string> prompts;
    for (const v1::GenerateRequest& request : server_.service().requests()) {
      prompts.push_back(request.prompt());
    }
    return prompts;
  }

  FakeServer server_;
  const TempFolder folder_;
};

TEST_F(DpgGenerateVerbTest, FourPicturesWithoutPadding) {
  AddPrompt("partiprompts97", "a red cube on a blue one\n");
  server_.service().AddScript(DrawFlat());
  const CommandResult result = Generate();
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, Path("out/partiprompts97.png") + "\n");
  EXPECT_EQ(result.err, "");
  const v1::GenerateRequest request = server_.service().requests()[0];
  EXPECT_EQ(request.prompt(), "a red cube on a blue one");
  EXPECT_EQ(request.num_images(), 4u);
  EXPECT_EQ(request.seed(), 1001u);
  EXPECT_EQ(request.guidance_scale(), 7.5);
  EXPECT_EQ(request.conditioning(), v1::CONDITIONING_ELLA);
  const DecodedPng png = ReadPng(Path("out/partiprompts97.png"));
  ASSERT_EQ(png.image.width, 16);
  ASSERT_EQ(png.image.height, 16);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) {
      ASSERT_EQ(PixelOf(png.image, x, y),
                FlatColor(request, x / 8 + 2 * (y / 8)))
          << x << ", " << y;
    }
  }
  EXPECT_EQ(TextOf(png, "prompt"), "a red cube on a blue one");
  EXPECT_EQ(TextOf(png, "seeds"), "1001,1002,1003,1004");
  EXPECT_EQ(TextOf(png, "conditioning"), "ella");
  EXPECT_EQ(TextOf(png, "model_fingerprint"), "abc");
  EXPECT_EQ(Content(Path("out/seeds.jsonl")),
            "{\"item_id\":\"partiprompts97\",\"seeds\":[1001,1002,1003,1004]}"
            "\n");
}

TEST_F(DpgGenerateVerbTest, FewerPicturesLeaveCellsBlack) {
  AddPrompt("0", "a fox");
  server_.service().AddScript(DrawFlat());
  ASSERT_EQ(Generate({"--pic-num", "1", "--seed", "4294967295",
                      "--conditioning", "clip"})
                .code,
            0);
  const v1::GenerateRequest request = server_.service().requests()[0];
  EXPECT_EQ(request.num_images(), 1u);
  EXPECT_EQ(request.conditioning(), v1::CONDITIONING_CLIP);
  const RgbImage grid = ReadPng(Path("out/0.png")).image;
  ASSERT_EQ(grid.width, 16);
  EXPECT_EQ(PixelOf(grid, 7, 7), FlatColor(request, 0));
  EXPECT_EQ(PixelOf(grid, 8, 7), (Rgb{0, 0, 0}));
  EXPECT_EQ(PixelOf(grid, 15, 15), (Rgb{0, 0, 0}));
}

TEST_F(DpgGenerateVerbTest, SeedsWrapAround) {
  AddPrompt("0", "a fox");
  server_.service().AddScript(DrawFlat());
  ASSERT_EQ(Generate({"--pic-num", "2", "--seed", "4294967295"}).code, 0);
  EXPECT_EQ(TextOf(ReadPng(Path("out/0.png")), "seeds"), "4294967295,0");
}

TEST_F(DpgGenerateVerbTest, BadPromptsAreNamedAndTheOthersGoOn) {
  AddPrompt("0", "a fox");
  AddPrompt("1", "a \xff");
  AddPrompt("2", " \n");
  AddPrompt("3", std::string("a\0b", 3));
  AddPrompt("4.5", "a dog");
  std::filesystem::create_directory(Path("prompts/6.txt"));
  AddPrompt("7", "a cat");
  server_.service().AddScript(DrawFlat());
  const CommandResult result = Generate({"--json"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(Outputs(), UnorderedElementsAre("0.png", "7.png", "seeds.jsonl"));
  for (const char* what :
       {"1.txt is not UTF-8", "2.txt is empty", "3.txt holds a NUL",
        "4.5.txt: an id has no dot", "cannot read"}) {
    EXPECT_THAT(result.err, HasSubstr(what));
  }
  const json summary = json::parse(result.out);
  EXPECT_EQ(summary["grids"].size(), 2u);
  ASSERT_EQ(summary["failed"].size(), 5u);
  EXPECT_EQ(summary["failed"][0]["name"], "1");
  EXPECT_FALSE(summary.contains("error"));
}

TEST_F(DpgGenerateVerbTest, WhatIsThereIsNotDrawnAgain) {
  for (int i = 0; i < 3; ++i) AddPrompt(absl::StrCat(i), absl::StrCat("p", i));
  server_.service().AddScript(DrawFlat());
  ASSERT_EQ(Generate().code, 0);
  AddPrompt("3", "p3");
  std::filesystem::remove(Path("out/1.png"));
  std::ofstream(Path("out/.ella-0123456789abcdef.tmp")) << "half";
  const CommandResult result = Generate({"--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("2 of 4 grids are there already"));
  EXPECT_EQ(json::parse(result.out)["already_there"], 2);
  EXPECT_THAT(Prompts(), UnorderedElementsAre("p0", "p1", "p2", "p1", "p3"));
  EXPECT_THAT(Outputs(), UnorderedElementsAre("0.png", "1.png", "2.png",
                                              "3.png", "seeds.jsonl"));
}

TEST_F(DpgGenerateVerbTest, DamagedGridsAndNewPromptsAreDrawnAgain) {
  AddPrompt("0", "p0");
  AddPrompt("1", "p1");
  AddPrompt("2", "p2");
  server_.service().AddScript(DrawFlat());
  ASSERT_EQ(Generate().code, 0);
  const std::string whole = Content(Path("out/0.png"));
  std::ofstream(Path("out/0.png"), std::ios::binary)
      << whole.substr(0, whole.size() - 20);
  AddPrompt("1", "another");
  const CommandResult result = Generate();
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("0.png is damaged"));
  EXPECT_THAT(result.err, HasSubstr("1.png has another prompt"));
  EXPECT_EQ(Content(Path("out/0.png")), whole);
  EXPECT_EQ(TextOf(ReadPng(Path("out/1.png")), "prompt"), "another");
  EXPECT_EQ(server_.service().requests().size(), 5u);
}

TEST_F(DpgGenerateVerbTest, OtherSettingsAreNotMixedIn) {
  AddPrompt("0", "p0");
  server_.service().AddScript(DrawFlat());
  ASSERT_EQ(Generate().code, 0);
  // Nor where the prompts are other ones.
  std::filesystem::remove(Path("prompts/0.txt"));
  AddPrompt("1", "p1");
  const std::vector<std::vector<std::string>> others = {
      {"--seed", "7"},       {"--conditioning", "clip"}, {"--pic-num", "2"},
      {"--guidance", "7.6"}, {"--negative", "blurry"},   {"--sampler", "ddim"}};
  for (const auto& flags : others) {
    const CommandResult result = Generate(flags);
    EXPECT_EQ(result.code, 1) << flags[0];
    EXPECT_THAT(result.err, HasSubstr("0.png was made with ")) << flags[0];
  }
  EXPECT_THAT(Generate({"--seed", "7"}).err,
              HasSubstr("seed \"1001\", which this run has as \"7\""));
  server_.service().set_fingerprint("other");
  EXPECT_THAT(Generate().err, HasSubstr("model_fingerprint \"abc\""));
  EXPECT_EQ(server_.service().requests().size(), 1u);
}

TEST_F(DpgGenerateVerbTest, ForeignPicturesAreLeftAlone) {
  AddPrompt("0", "p0");
  std::filesystem::create_directory(Path("out"));
  const std::string foreign = *EncodePng({1, 1, {1, 2, 3}}, {});
  std::ofstream(Path("out/0.png"), std::ios::binary) << foreign;
  const CommandResult result = Generate();
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("0.png is no grid of ours"));
  EXPECT_EQ(Content(Path("out/0.png")), foreign);
}

TEST_F(DpgGenerateVerbTest, OneRunAtATime) {
  AddPrompt("0", "p0");
  server_.service().AddScript(DrawFlat());
  {
    const auto other = GridFolder::Open(Path("out"));
    ASSERT_TRUE(other.ok()) << other.status();
    EXPECT_THAT(Generate().err, HasSubstr("another run is at work"));
  }
  EXPECT_EQ(Generate().code, 0);
}

TEST_F(DpgGenerateVerbTest, AFullDiskKeepsEarlierWork) {
  AddPrompt("0", "small");
  AddPrompt("1", "large");
  AddPrompt("2", "small");
  server_.service().AddScript(
      [](const v1::GenerateRequest& request, FakeService::Writer& writer) {
        if (request.prompt() == "small") return DrawFlat()(request, writer);
        // Noise, which doesn't shrink.
        std::mt19937 random;
        for (uint32_t i = 0; i < 4; ++i) {
          RgbImage noise{8, 8, std::vector<uint8_t>(8 * 8 * 3)};
          for (uint8_t& byte : noise.pixels) byte = random();
          writer.Write(ImageEvent(i, i, *EncodePng(noise, {})));
        }
        writer.Write(DoneEvent());
        return grpc::Status::OK;
      });
  const auto former = std::signal(SIGXFSZ, SIG_IGN);
  rlimit whole{};
  getrlimit(RLIMIT_FSIZE, &whole);
  rlimit limit = whole;
  limit.rlim_cur = 800;
  setrlimit(RLIMIT_FSIZE, &limit);
  const CommandResult result = Generate({"--in-flight", "1"});
  setrlimit(RLIMIT_FSIZE, &whole);
  std::signal(SIGXFSZ, former);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot write " + Path("out/1.png")));
  EXPECT_THAT(result.err, HasSubstr("1 of 3 grids are in"));
  EXPECT_THAT(Outputs(), UnorderedElementsAre("0.png", "seeds.jsonl"));
  EXPECT_EQ(Generate().code, 0);
  EXPECT_THAT(Prompts(),
              UnorderedElementsAre("small", "large", "large", "small"));
}

TEST_F(DpgGenerateVerbTest, BadUsageIsTwo) {
  EXPECT_EQ(RunCommand({"dpg"}).code, 2);
  EXPECT_EQ(Generate().code, 2);  // no prompts
  AddPrompt("0", "a fox");
  EXPECT_EQ(Generate({"--pic-num", "5"}).code, 2);
  EXPECT_EQ(Generate({"--negative", "\xff"}).code, 2);
  EXPECT_EQ(
      RunCommand({"dpg", "generate", Path("none"), "-o", Path("out")}).code, 2);
}

TEST_F(DpgGenerateVerbTest, PicturesAreSquare) {
  AddPrompt("0", "a fox");
  std::vector<std::string> args = Args({});
  std::replace(args.begin(), args.end(), std::string("8x8"),
               std::string("8x16"));
  const CommandResult result = RunCommand(args);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("square"));
}

// The server draws `before` prompts; then it holds `held` requests until their
// client is gone. All later ones are drawn.
class HoldingServer {
 public:
  HoldingServer(int before, int held) : before_(before), all_held_(held + 1) {}

  FakeService::Script Script() {
    return [this](const v1::GenerateRequest& request,
                  FakeService::Writer& writer) {
      if (begun_++ < before_ || released_) return DrawFlat()(request, writer);
      all_held_.Block();
      while (writer.Write(ProgressEvent(1, 2))) {
      }
      return grpc::Status::OK;
    };
  }

  void WaitUntilHeld() {
    all_held_.Block();
    released_ = true;
  }

 private:
  const int before_;
  std::atomic<int> begun_ = 0;
  std::atomic<bool> released_ = false;
  absl::Barrier all_held_;
};

TEST_F(DpgGenerateVerbTest, GoesOnAfterAKill) {
  constexpr int kPrompts = 20, kBefore = 7, kInFlight = 3;
  for (int i = 0; i < kPrompts; ++i) {
    AddPrompt(absl::StrCat(i), absl::StrCat("p", i));
  }
  HoldingServer holding(kBefore, kInFlight);
  server_.service().AddScript(holding.Script());
  {
    EllaProcess process(Args({"--in-flight", absl::StrCat(kInFlight)}),
                        Path("err"));
    // Each thread of the client waits for the server: what it had, it wrote.
    holding.WaitUntilHeld();
    process.Signal(SIGKILL);
    EXPECT_EQ(process.Wait(), 128 + SIGKILL);
  }
  const std::set<std::string> first = Outputs();
  EXPECT_EQ(first.size(), kBefore + 1u);  // and seeds.jsonl
  const CommandResult result = Generate({"--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["already_there"], kBefore);
  EXPECT_EQ(Outputs().size(), kPrompts + 1u);
  // Only what was in flight came twice.
  std::map<std::string, int> times;
  for (const std::string& prompt : Prompts()) ++times[prompt];
  EXPECT_EQ(times.size(), size_t{kPrompts});
  EXPECT_EQ(Prompts().size(), size_t{kPrompts + kInFlight});
  for (const std::string& name : first) {
    const std::string id = name.substr(0, name.find('.'));
    EXPECT_LE(times["p" + id], 1) << id;
  }
}

TEST_F(DpgGenerateVerbTest, CtrlCKeepsWhatIsThere) {
  for (int i = 0; i < 6; ++i) AddPrompt(absl::StrCat(i), absl::StrCat("p", i));
  HoldingServer holding(2, 2);
  server_.service().AddScript(holding.Script());
  EllaProcess process(Args({"--in-flight", "2"}), Path("err"));
  holding.WaitUntilHeld();
  process.Signal(SIGINT);
  EXPECT_EQ(process.Wait(), 1);
  EXPECT_THAT(Content(Path("err")), HasSubstr("CANCELLED"));
  EXPECT_THAT(Content(Path("err")), HasSubstr("2 of 6 grids are in"));
  EXPECT_EQ(Outputs().size(), 3u);
  EXPECT_EQ(Generate().code, 0);
  EXPECT_EQ(server_.service().requests().size(), 2u + 2u + 4u);
}

}  // namespace
}  // namespace ella
