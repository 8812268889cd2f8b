#include "model/training/stage_runner.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "model/sampling/noise.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

// Learns to be 1 everywhere, from noisy samples of 1.
class OnesStage : public Stage {
 public:
  explicit OnesStage(NetworkParts* parts) : parts_(*parts) {}

  std::string name() const override { return "ones"; }
  std::vector<Part> parts() const override { return {Part::kElla}; }
  absl::StatusOr<at::Tensor> Loss(StepRandom random, int64_t batch) override {
    ++losses;
    if (losses == fail_at) return absl::UnavailableError("no data");
    at::Generator generator =
        CreateGenerator(static_cast<uint32_t>(random.Next()));
    const at::Tensor target = 1 + 0.1 * DrawNoise({batch, 4}, generator);
    return (parts_.Get(Part::kElla).at("x") - target).square().mean();
  }
  absl::StatusOr<RgbImage> Sheet() override {
    return RgbImage{.width = 1, .height = 1, .pixels = {1, 2, 3}};
  }

  int losses = 0;
  int fail_at = 0;

 private:
  NetworkParts& parts_;
};

struct Fixture {
  explicit Fixture(const std::string& folder, int64_t steps = 20)
      : parts({}, {}), stage(&parts) {
    parts.Set(Part::kElla, {{"x", at::zeros({4})}});
    options = {.checkpoint = folder + "/checkpoint",
               .sheet_folder = folder,
               .steps = steps,
               .batch = 8,
               .checkpoint_every = 5,
               .sheet_every = 10,
               .optimizer = {.learning_rate = 0.2, .warmup_steps = 2}};
  }
  absl::StatusOr<StageResult> Run() {
    return RunStage(options, &stage, &parts);
  }
  at::Tensor x() const { return parts.Get(Part::kElla).at("x"); }

  NetworkParts parts;
  OnesStage stage;
  RunOptions options;
};

TEST(RunStageTest, LowersTheLossAndDrawsSheets) {
  const TempFolder folder;
  Fixture run(folder.path());
  const absl::StatusOr<StageResult> result = run.Run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->stopped);
  EXPECT_LT(result->last_loss, result->first_loss / 2);
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/ones-000010.png"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/ones-000020.png"));
}

TEST(RunStageTest, GoesOnFromAStopAsIfNothingHadBeen) {
  const TempFolder folder, other_folder;
  Fixture whole(folder.path());
  ASSERT_TRUE(whole.Run().ok());

  Fixture first(other_folder.path());
  first.options.stop_wanted = [&first] { return first.stage.losses == 7; };
  const absl::StatusOr<StageResult> stopped = first.Run();
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_TRUE(stopped->stopped);

  Fixture second(other_folder.path());
  ASSERT_TRUE(second.Run().ok());
  EXPECT_EQ(second.stage.losses, 13);
  EXPECT_TRUE(at::equal(whole.x(), second.x()));
}

TEST(RunStageTest, AKillCostsTheStepsSinceTheLastCheckpoint) {
  const TempFolder folder;
  Fixture first(folder.path());
  first.stage.fail_at = 8;
  EXPECT_EQ(first.Run().status().code(), absl::StatusCode::kUnavailable);
  Fixture second(folder.path());
  ASSERT_TRUE(second.Run().ok());
  EXPECT_EQ(second.stage.losses, 15);
}

TEST(RunStageTest, RefusesTheCheckpointOfAnotherRun) {
  const TempFolder folder;
  Fixture first(folder.path());
  first.stage.fail_at = 8;
  ASSERT_FALSE(first.Run().ok());
  Fixture second(folder.path());
  second.options.seed = 2;
  const absl::Status status = second.Run().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(second.stage.losses, 0);
}

TEST(RunStageTest, RefusesADamagedCheckpoint) {
  const TempFolder folder;
  Fixture first(folder.path());
  first.stage.fail_at = 8;
  ASSERT_FALSE(first.Run().ok());
  const std::string path = first.options.checkpoint;
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  EXPECT_EQ(Fixture(folder.path()).Run().status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ella
