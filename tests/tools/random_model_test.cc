#include "tests/tools/random_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>

#include "model/weights/checkpoint.h"
#include "model/weights/fingerprint.h"
#include "model/writing/tensor_shapes.h"
#include "tests/model/weights/weights_test_files.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

constexpr char kDiffusersStem[] = "diffusion_pytorch_model";

std::map<std::string, Checkpoint> OpenParts(const std::string& model) {
  const std::map<std::string, absl::StatusOr<Checkpoint>> opened = {
      {"unet", Checkpoint::OpenFolder(model + "/sd15/unet", kDiffusersStem)},
      {"vae", Checkpoint::OpenFolder(model + "/sd15/vae", kDiffusersStem)},
      {"clip", Checkpoint::OpenFolder(model + "/sd15/text_encoder", "model")},
      {"t5", Checkpoint::OpenFolder(model + "/flan-t5", "model")},
      {"ella",
       Checkpoint::OpenFile(model + "/ella/ella-sd1.5-tsc-t5xl.safetensors")},
  };
  std::map<std::string, Checkpoint> parts;
  for (const auto& [name, checkpoint] : opened) {
    EXPECT_TRUE(checkpoint.ok()) << checkpoint.status();
    if (checkpoint.ok()) parts.emplace(name, *checkpoint);
  }
  return parts;
}

std::string FingerprintOf(const std::string& model) {
  const std::map<std::string, Checkpoint> parts = OpenParts(model);
  std::map<std::string, const Checkpoint*> pointers;
  for (const auto& [name, part] : parts) pointers[name] = &part;
  const auto fingerprint = Fingerprint(pointers);
  EXPECT_TRUE(fingerprint.ok()) << fingerprint.status();
  return *fingerprint;
}

TEST(RandomModelTest, HasTheTensorsOfARealOne) {
  const TempFolder folder;
  const std::string model = folder.path() + "/model";
  ASSERT_TRUE(WriteRandomModel(model, 1).ok());
  const auto parts = OpenParts(model);
  ASSERT_EQ(parts.size(), 5);
  const ModelSizes sizes = SmallModelSizes();
  // UNet and VAE have all layers of the real ones, the others fewer.
  EXPECT_EQ(parts.at("unet").tensors().size(), UnetShapes({}).size());
  EXPECT_EQ(parts.at("vae").tensors().size(), VaeShapes({}).size());
  EXPECT_EQ(parts.at("clip").tensors().size(), 16 * sizes.clip.layers + 5);
  EXPECT_EQ(parts.at("t5").tensors().size(), 9 * sizes.t5.layers + 3);
  EXPECT_EQ(parts.at("ella").tensors().size(), 14 * sizes.ella.layers + 9);
  for (const char* file :
       {"sd15/model_index.json", "sd15/scheduler/scheduler_config.json",
        "sd15/tokenizer/vocab.json", "sd15/tokenizer/merges.txt",
        "flan-t5/spiece.model", "ella/config.json"}) {
    EXPECT_TRUE(fs::exists(fs::path(model) / file)) << file;
  }
}

TEST(RandomModelTest, HasWeightsOfTheRightSpread) {
  const TempFolder folder;
  const std::string model = folder.path() + "/model";
  ASSERT_TRUE(WriteRandomModel(model, 1).ok());
  const auto parts = OpenParts(model);
  const TensorView& weight =
      parts.at("unet").tensors().at("mid_block.resnets.0.conv1.weight");
  const auto elements = weight.data.size() / sizeof(float);
  double sum = 0;
  double squares = 0;
  for (size_t i = 0; i < elements; ++i) {
    float value = 0;
    std::memcpy(&value, &weight.data[i * sizeof(float)], sizeof(float));
    sum += value;
    squares += value * value;
  }
  const double fan_in = static_cast<double>(weight.shape[1]) * 9;
  EXPECT_NEAR(squares / elements * fan_in, 1, 0.1);
  EXPECT_NEAR(sum / elements * std::sqrt(fan_in), 0, 0.1);
}

TEST(RandomModelTest, DependsOnTheSeedAlone) {
  const TempFolder folder;
  for (const auto& [name, seed] :
       std::map<std::string, uint64_t>{{"a", 1}, {"b", 1}, {"c", 2}}) {
    ASSERT_TRUE(WriteRandomModel(folder.path() + "/" + name, seed).ok());
  }
  EXPECT_EQ(FingerprintOf(folder.path() + "/a"),
            FingerprintOf(folder.path() + "/b"));
  EXPECT_NE(FingerprintOf(folder.path() + "/a"),
            FingerprintOf(folder.path() + "/c"));
}

TEST(RandomModelTest, KeepsAModelAndClearsALeftover) {
  const TempFolder folder;
  const std::string model = folder.path() + "/model";
  // What a run that was stopped leaves behind.
  fs::create_directories(model + ".tmp/sd15/old");
  ASSERT_TRUE(WriteRandomModel(model + "/", 1).ok());
  EXPECT_FALSE(fs::exists(model + ".tmp"));
  EXPECT_FALSE(fs::exists(model + "/sd15/old"));
  const std::string fingerprint = FingerprintOf(model);
  ASSERT_TRUE(WriteRandomModel(model, 2).ok());
  EXPECT_EQ(FingerprintOf(model), fingerprint);
}

TEST(RandomModelTest, LeavesOtherFoldersAlone) {
  const TempFolder folder;
  folder.Write("notes.txt", "mine");
  EXPECT_EQ(WriteRandomModel(folder.path(), 1).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(fs::exists(folder.path() + "/notes.txt"));
  EXPECT_EQ(WriteRandomModel(folder.path() + "/notes.txt/model", 1).code(),
            absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace ella
