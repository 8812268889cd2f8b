#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include "tests/e2e/process.h"
#include "tests/temp_folder.h"
#include "tests/tools/random_model.h"

namespace ella {
namespace {

// The losses of a line such as "unet: loss 0.9 at first, 0.5 at last".
std::pair<double, double> Losses(const std::string& out,
                                 const std::string& stage) {
  std::smatch match;
  const std::regex line(stage + ": loss ([0-9.]+) at first, ([0-9.]+) at last");
  if (!std::regex_search(out, match, line)) return {0, 1};
  return {std::stod(match[1]), std::stod(match[2])};
}

TEST(EllaTrainTest, TwentyStepsLowerTheLossAndMakeAWholeModel) {
  const TempFolder folder;
  const std::string out = folder.path() + "/run";
  const ProcessResult result =
      RunProgram({ELLA_TRAIN, "--out", out, "--steps", "20", "--batch", "4",
                  "--dtype", "float32", "--sheet-every", "20"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* stage : {"vae", "teacher", "t5", "unet", "clip"}) {
    const auto [first, last] = Losses(result.out, stage);
    EXPECT_LT(last, first) << result.out;
    EXPECT_TRUE(
        std::filesystem::exists(out + "/sheets/" + stage + "-000020.png"));
  }
  for (const char* file :
       {"sd15/unet/diffusion_pytorch_model.safetensors",
        "flan-t5/model.safetensors", "ella/ella-sd1.5-tsc-t5xl.safetensors"}) {
    EXPECT_TRUE(std::filesystem::exists(out + "/model/" + file)) << file;
  }
  // All is done: a further run has nothing to do.
  EXPECT_EQ(RunProgram({ELLA_TRAIN, "--out", out, "--steps", "20"}).out, "");

  // The VAE alone doesn't tell how its latents are scaled.
  std::filesystem::remove_all(out + "/model");
  const ProcessResult lost =
      RunProgram({ELLA_TRAIN, "--out", out, "--steps", "20"});
  EXPECT_EQ(lost.exit_code, 1);
  EXPECT_NE(lost.err.find("scaling factor"), std::string::npos) << lost.err;
}

std::string BytesOf(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(EllaTrainTest, BeginsWithAnEarlierModel) {
  const TempFolder folder;
  const std::filesystem::path demo = ELLA_DEMO_MODEL;
  const std::filesystem::path out = folder.path() + "/run";
  const ProcessResult result =
      RunProgram({ELLA_TRAIN, "--out",         out, "--init",
                  demo,       "--vae-steps",   "0", "--teacher-steps",
                  "0",        "--t5-steps",    "0", "--unet-steps",
                  "2",        "--clip-steps",  "0", "--ella-steps",
                  "0",        "--batch",       "4", "--dtype",
                  "float32",  "--sheet-every", "0"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  // Noise that is predicted by a trained UNet; an untrained one's loss is 1.
  const auto [first, last] = Losses(result.out, "unet");
  EXPECT_LT(first, 0.5) << result.out;
  for (const char* same :
       {"sd15/vae/config.json", "sd15/vae/diffusion_pytorch_model.safetensors",
        "sd15/tokenizer/vocab.json", "flan-t5/spiece.model",
        "flan-t5/model.safetensors"}) {
    EXPECT_EQ(BytesOf(out / "model" / same), BytesOf(demo / same)) << same;
  }
  const char* trained = "sd15/unet/diffusion_pytorch_model.safetensors";
  EXPECT_NE(BytesOf(out / "model" / trained), BytesOf(demo / trained));
}

TEST(EllaTrainTest, TellsAModelToBeginWithThatIsNone) {
  const TempFolder folder;
  const std::string out = folder.path() + "/run";
  const std::string init = folder.path() + "/init";
  ProcessResult result =
      RunProgram({ELLA_TRAIN, "--out", out, "--init", init, "--steps", "1"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find(init), std::string::npos) << result.err;

  // One of other widths.
  ASSERT_TRUE(WriteRandomModel(init, 1).ok());
  result =
      RunProgram({ELLA_TRAIN, "--out", out, "--init", init, "--steps", "1"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("of the demo model's shape"), std::string::npos)
      << result.err;
}

TEST(EllaTrainTest, SaysWhatIsWrong) {
  const ProcessResult result =
      RunProgram({ELLA_TRAIN, "--out", "/dev/null/x", "--steps", "1"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("/dev/null/x"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace ella
