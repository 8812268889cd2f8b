#include "model/training/connector_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "image/png_codec.h"
#include "model/training/folder_data.h"
#include "scenes/scene_captions.h"
#include "scenes/scene_generator.h"
#include "scenes/scene_renderer.h"
#include "tests/golden/value_or_throw.h"
#include "tests/temp_folder.h"
#include "tests/tools/random_model.h"

namespace ella {
namespace {

using testing::HasSubstr;

void Write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// A small real-format model, and some pictures with captions.
class ConnectorTrainingTest : public testing::Test {
 protected:
  ConnectorTrainingTest() {
    const std::string model = folder_.path() + "/model";
    EXPECT_TRUE(WriteRandomModel(model, 1).ok());
    options_.sd15 = model + "/sd15";
    options_.t5 = model + "/flan-t5";
    options_.init = model + "/ella/ella-sd1.5-tsc-t5xl.safetensors";
    options_.data = folder_.path() + "/data";
    options_.out = folder_.path() + "/connector.safetensors";
    options_.side = 64;
    options_.run = {.steps = 30,
                    .batch = 4,
                    .sheet_every = 30,
                    .optimizer = {.learning_rate = 3e-3, .warmup_steps = 3}};
    std::filesystem::create_directory(options_.data);
    std::mt19937_64 random(1);
    for (const std::string name : {"a", "b", "c", "d"}) {
      const Scene scene = RandomScene(Split::kTraining, random);
      Write(options_.data + "/" + name + ".png",
            ValueOrThrow(EncodePng(Render(scene, 80), {})));
      Write(options_.data + "/" + name + ".txt",
            DenseCaption(scene, random) + "\n");
    }
  }

  const TempFolder folder_;
  ConnectorTrainingOptions options_;
};

TEST_F(ConnectorTrainingTest, LearnsFromAFolderAndWritesAConnector) {
  std::vector<std::string> lines;
  options_.run.report = [&](const std::string& line) { lines.push_back(line); };
  const absl::Status status = TrainConnector(options_);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_FALSE(lines.empty());
  const Checkpoint before = ValueOrThrow(Checkpoint::OpenFile(options_.init));
  const Checkpoint after = ValueOrThrow(Checkpoint::OpenFile(options_.out));
  ASSERT_EQ(after.tensors().size(), before.tensors().size());
  for (const auto& [name, view] : before.tensors()) {
    EXPECT_EQ(after.tensors().at(name).shape, view.shape) << name;
    EXPECT_EQ(after.tensors().at(name).dtype, Dtype::kF16) << name;
  }
  EXPECT_TRUE(std::filesystem::exists(folder_.path() + "/ella-000030.png"));
  EXPECT_FALSE(std::filesystem::exists(options_.out + ".checkpoint"));
}

TEST_F(ConnectorTrainingTest, TellsAPictureWithoutCaption) {
  std::filesystem::remove(options_.data + "/b.txt");
  const absl::Status status = TrainConnector(options_);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("b.png has no caption"));
}

TEST_F(ConnectorTrainingTest, TellsAPictureThatIsNone) {
  for (const std::string name : {"a", "b", "c", "d"}) {
    Write(options_.data + "/" + name + ".png", "not a picture");
  }
  const absl::Status status = TrainConnector(options_);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr(".png"));
}

TEST_F(ConnectorTrainingTest, TellsAConnectorOfOtherWidths) {
  options_.init = folder_.path() + "/other.safetensors";
  std::vector<StoredTensor> tensors;
  for (const TensorShape& shape : EllaShapes({.heads = 2, .input = 7})) {
    int64_t bytes = 4;
    for (const int64_t length : shape.shape) bytes *= length;
    tensors.push_back(
        {shape.name, Dtype::kF32, shape.shape, std::string(bytes, '\0')});
  }
  ASSERT_TRUE(WriteSafetensors(options_.init, tensors).ok());
  const absl::Status status = TrainConnector(options_);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("texts of width 7"));
}

TEST_F(ConnectorTrainingTest, BeginsWithoutAConnectorToo) {
  options_.init.clear();
  options_.run.steps = 1;
  options_.run.sheet_every = 0;
  ASSERT_TRUE(TrainConnector(options_).ok());
  const Checkpoint made = ValueOrThrow(Checkpoint::OpenFile(options_.out));
  EXPECT_EQ(made.tensors().at("connector.latents").shape,
            (std::vector<int64_t>{64, 32}));
}

TEST(FolderDataTest, ScalesAndCutsToSquares) {
  const TempFolder folder;
  // Left half black, right half white, twice as wide as high.
  RgbImage image{.width = 16, .height = 8, .pixels = {}};
  for (int i = 0; i < 16 * 8; ++i) {
    image.pixels.insert(image.pixels.end(), 3, i % 16 < 8 ? 0 : 255);
  }
  Write(folder.path() + "/x.png", ValueOrThrow(EncodePng(image, {})));
  Write(folder.path() + "/x.txt", "half and half");
  FolderData data = ValueOrThrow(FolderData::Open(folder.path(), 4));
  const TrainingBatch batch =
      ValueOrThrow(data.Draw(1, 2, CaptionKind::kShort));
  ASSERT_EQ(batch.images.sizes(), (std::vector<int64_t>{2, 3, 4, 4}));
  EXPECT_NEAR(batch.images[0][0][2][0].item<float>(), -1, 0.05);
  EXPECT_NEAR(batch.images[0][0][2][3].item<float>(), 1, 0.05);
  EXPECT_EQ(batch.captions[1], "half and half");
}

TEST(FolderDataTest, AFolderWithoutPicturesIsNotFound) {
  const TempFolder folder;
  EXPECT_EQ(FolderData::Open(folder.path(), 4).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(FolderData::Open(folder.path() + "/none", 4).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace ella
