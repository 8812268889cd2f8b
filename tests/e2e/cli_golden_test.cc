// The programs as a user runs them: ella-server on a golden model, and each of
// the reference's pictures asked for through `ella generate`.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "image/image_metadata.h"
#include "image/png_codec.h"
#include "tests/e2e/running_server.h"
#include "tests/golden/golden_sets.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

RgbImage ReadImage(const fs::path& path) {
  const auto png = DecodePng(ReadFile(path));
  EXPECT_TRUE(png.ok()) << path << ": " << png.status();
  return png.ok() ? png->image : RgbImage{};
}

class CliGoldenTest : public testing::TestWithParam<GoldenSet> {
 protected:
  void SetUp() override {
    const std::string log = folder_ / "server.log";
    server_ = std::make_unique<RunningServer>(
        std::vector<std::string>{"--model", GetParam().model,
                                 "--t5-dtype=float32"},
        log);
    ASSERT_FALSE(server_->grpc().empty()) << ReadFile(log);
  }

  // Image `index` alone, or, where the prompts are equal and the seeds in a
  // row, the whole case in one request.
  ProcessResult Generate(const GoldenCase& golden, size_t index, int count,
                         const fs::path& out) const {
    const GenerationParams& params = golden.params;
    std::vector<std::string> arguments = {
        "generate",
        golden.prompts[index],
        "-o",
        out.string(),
        "--server",
        server_->grpc(),
        "--negative",
        params.negative_prompt,
        "--conditioning",
        ConditioningName(params.conditioning),
        "--steps",
        absl::StrCat(params.steps),
        "--guidance",
        absl::StrCat(params.guidance_scale),
        "--sampler",
        params.sampler,
        "--size",
        absl::StrCat(params.width, "x", params.height),
        "--seed",
        absl::StrCat(golden.seeds[index]),
        "--count",
        absl::StrCat(count)};
    if (params.fixed_negative) arguments.push_back("--fixed-negative");
    return RunElla(arguments);
  }

  const TempFolder temp_folder_;
  const fs::path folder_ = temp_folder_.path();
  std::unique_ptr<RunningServer> server_;
};

INSTANTIATE_TEST_SUITE_P(Golden, CliGoldenTest, testing::ValuesIn(GoldenSets()),
                         [](const auto& info) { return info.param.name; });

TEST_P(CliGoldenTest, GeneratesTheReferencePictures) {
  for (const GoldenCase& golden : GoldenCases(GetParam())) {
    SCOPED_TRACE(golden.name);
    for (size_t i = 0; i < golden.prompts.size(); ++i) {
      const fs::path out = folder_ / "image.png";
      const ProcessResult result = Generate(golden, i, 1, out);
      ASSERT_EQ(result.exit_code, 0) << result.err;
      ExpectSameImage(ReadImage(out), GoldenImage(GetParam(), golden.name, i));
    }
    if (golden.prompts.size() == 2 && golden.prompts[0] == golden.prompts[1] &&
        golden.seeds[1] == golden.seeds[0] + 1) {
      ASSERT_EQ(Generate(golden, 0, 2, folder_ / "pair.png").exit_code, 0);
      ExpectSameImage(ReadImage(folder_ / "pair.png"),
                      GoldenImage(GetParam(), golden.name, 0));
      ExpectSameImage(ReadImage(folder_ / "pair.1.png"),
                      GoldenImage(GetParam(), golden.name, 1));
    }
  }
}

TEST_P(CliGoldenTest, APictureIsRepeatedFromItsOwnMetadata) {
  GoldenCase golden = GoldenCases(GetParam())[0];
  golden.prompts[0] = "two\nlines, \"quotes\" and Ünïcödé ☃";
  golden.params.guidance_scale = 7.3f;
  golden.params.negative_prompt = "Negative prompt: none";
  const fs::path first = folder_ / "first.png", second = folder_ / "second.png";
  ASSERT_EQ(Generate(golden, 0, 1, first).exit_code, 0);
  const ProcessResult result = RunElla({"generate", "--from", first.string(), "-o",
                                     second.string(), "--server", server_->grpc()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(ReadFile(first), ReadFile(second));
}

TEST_P(CliGoldenTest, PreviewsAndAReportInJson) {
  const GoldenCase golden = GoldenCases(GetParam())[0];
  const ProcessResult result =
      RunElla({"generate", golden.prompts[0], "-o", (folder_ / "a.png").string(),
            "--server", server_->grpc(), "--steps", "4", "--size", "64x40",
            "--preview-every", "2", "--preview-dir", folder_.string(),
            "--preview-kind", "vae", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out, nullptr, false);
  ASSERT_TRUE(json.is_object()) << result.out;
  EXPECT_EQ(json["images"].size(), 1u);
  EXPECT_EQ(ReadImage(folder_ / "step-002.0.png").width, 64);
  EXPECT_TRUE(result.err.empty()) << result.err;
}

TEST_P(CliGoldenTest, BadRequestsNameEveryField) {
  const ProcessResult result =
      RunElla({"generate", "x", "-o", (folder_ / "a.png").string(), "--server",
            server_->grpc(), "--size", "7x100001", "--steps", "0", "--guidance", "nan",
            "--sampler", "plms"});
  EXPECT_EQ(result.exit_code, 1);
  for (const char* word : {"INVALID_ARGUMENT", "width", "height", "steps",
                           "guidance_scale", "sampler", "euler_ancestral"}) {
    EXPECT_NE(result.err.find(word), std::string::npos) << word << result.err;
  }
  EXPECT_FALSE(fs::exists(folder_ / "a.png"));
}

TEST_P(CliGoldenTest, SigtermEndsTheServerWithZero) {
  EXPECT_EQ(RunElla({"health", "--http", server_->http()}).exit_code, 0);
  server_->program().Signal(SIGTERM);
  EXPECT_EQ(server_->program().Wait(), 0);
  EXPECT_EQ(RunElla({"health", "--http", server_->http()}).exit_code, 1);
}

}  // namespace
}  // namespace ella
