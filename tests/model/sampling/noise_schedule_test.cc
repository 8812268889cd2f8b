#include "model/sampling/noise_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace ella {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A config file that is gone after the test.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text)
      : path_(testing::TempDir() + "/" +
              testing::UnitTest::GetInstance()->current_test_info()->name() +
              "_scheduler_config.json") {
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

constexpr char kSd15[] = R"({
  "_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0",
  "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085,
  "num_train_timesteps": 1000, "set_alpha_to_one": false,
  "skip_prk_steps": true, "steps_offset": 1, "trained_betas": null,
  "clip_sample": false})";

TEST(NoiseScheduleTest, LoadsSd15) {
  const ConfigFile file(kSd15);
  const auto config = LoadNoiseSchedule(file.path());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->num_train_timesteps, 1000);
  EXPECT_EQ(config->beta_schedule, "scaled_linear");
  EXPECT_EQ(config->beta_start, 0.00085);
  EXPECT_EQ(config->beta_end, 0.012);
  EXPECT_TRUE(config->trained_betas.empty());
  EXPECT_EQ(config->timestep_spacing, std::nullopt);
  EXPECT_EQ(config->steps_offset, 1);
  EXPECT_TRUE(config->skip_prk_steps);
  EXPECT_EQ(config->set_alpha_to_one, false);
  EXPECT_FALSE(config->clip_sample);
}

TEST(NoiseScheduleTest, MissingFieldsTakeDefaults) {
  const ConfigFile file("{}");
  const auto config = LoadNoiseSchedule(file.path());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->beta_schedule, "linear");
  EXPECT_EQ(config->set_alpha_to_one, std::nullopt);
  EXPECT_TRUE(config->clip_sample);
}

TEST(NoiseScheduleTest, LoadsTheRest) {
  const ConfigFile file(R"({"trained_betas": [0.1, 0.2, 0.5],
    "num_train_timesteps": 3, "timestep_spacing": "trailing",
    "set_alpha_to_one": true, "clip_sample_range": 2,
    "prediction_type": "epsilon", "thresholding": false})");
  const auto config = LoadNoiseSchedule(file.path());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->timestep_spacing, "trailing");
  EXPECT_EQ(config->set_alpha_to_one, true);
  EXPECT_EQ(config->clip_sample_range, 2);
  const NoiseSchedule schedule = NoiseSchedule::Create(*config).value();
  EXPECT_FLOAT_EQ(schedule.alphas_cumprod()[2], 0.9 * 0.8 * 0.5);
  EXPECT_FLOAT_EQ(schedule.sigmas()[0], 1. / 3);
}

TEST(NoiseScheduleTest, RefusesWithFileAndField) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "JSON"},
      {"[1]", "JSON"},
      {R"({"beta_end": 0.0)", "JSON"},
      {R"({"prediction_type": "v_prediction"})",
       "prediction_type v_prediction is not supported, must be epsilon"},
      {R"({"prediction_type": 1})", "prediction_type is not a string"},
      {R"({"thresholding": true})", "thresholding is not supported"},
      {R"({"rescale_betas_zero_snr": true})",
       "rescale_betas_zero_snr is not supported"},
      {R"({"num_train_timesteps": 0})",
       "num_train_timesteps must be from 1 to 100000, was 0"},
      {R"({"num_train_timesteps": 1000000000})", "num_train_timesteps"},
      {R"({"num_train_timesteps": 1e300})", "num_train_timesteps"},
      {R"({"num_train_timesteps": 10.5})", "num_train_timesteps"},
      {R"({"num_train_timesteps": "1000"})",
       "num_train_timesteps is not a number"},
      {R"({"beta_start": 0})", "beta_start must be between 0 and 1, was 0"},
      {R"({"beta_end": 1})", "beta_end must be between 0 and 1, was 1"},
      {R"({"beta_end": -0.5})", "beta_end must be between 0 and 1, was -0.5"},
      {R"({"beta_start": [0.1]})", "beta_start is not a number"},
      {R"({"beta_start": 0.9, "beta_end": 0.9})", "betas are too large"},
      {R"({"beta_start": 1e-12})", "betas are too small"},
      {R"({"beta_schedule": "squaredcos_cap_v2"})",
       "beta_schedule must be linear or scaled_linear, was squaredcos_cap_v2"},
      {R"({"beta_schedule": 3})", "beta_schedule is not a string"},
      {R"({"trained_betas": []})", "trained_betas is not a list"},
      {R"({"trained_betas": [0.1, "x"]})", "trained_betas"},
      {R"({"trained_betas": [0.1]})",
       "the length of trained_betas must be num_train_timesteps, was 1"},
      {R"({"trained_betas": [0.1, 2], "num_train_timesteps": 2})",
       "trained_betas must be between 0 and 1, was 2"},
      {R"({"timestep_spacing": "even"})",
       "timestep_spacing must be leading, trailing or linspace, was even"},
      {R"({"steps_offset": -1})", "steps_offset"},
      {R"({"steps_offset": 1000})", "steps_offset"},
      {R"({"clip_sample": 1})", "clip_sample is not true or false"},
      {R"({"clip_sample_range": 0})", "clip_sample_range"},
      {R"({"set_alpha_to_one": "no"})", "set_alpha_to_one"},
  };
  for (const auto& [text, complaint] : cases) {
    SCOPED_TRACE(text);
    const ConfigFile file(text);
    const auto config = LoadNoiseSchedule(file.path());
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(config.status().message()),
                testing::AllOf(StartsWith(file.path()), HasSubstr(complaint)));
  }
}

TEST(NoiseScheduleTest, NamesTheMissingFile) {
  const auto config = LoadNoiseSchedule("/nowhere/scheduler_config.json");
  EXPECT_EQ(config.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(config.status().message()),
              HasSubstr("/nowhere/scheduler_config.json"));
}

TEST(NoiseScheduleTest, TimestepAndSigmaAreInverse) {
  const NoiseSchedule schedule = NoiseSchedule::Create({}).value();
  for (const double timestep : {0., 1., 37.0, 500.0, 998.0, 999.}) {
    EXPECT_NEAR(schedule.TimestepOf(schedule.SigmaAt(timestep)), timestep,
                1e-3);
  }
  EXPECT_EQ(schedule.TimestepOf(0), 0);
  EXPECT_EQ(schedule.TimestepOf(1e9), 999);
  EXPECT_NEAR(schedule.SigmaAt(10.25),
              0.75 * schedule.sigmas()[10] + 0.25 * schedule.sigmas()[11],
              1e-7);
}

}  // namespace
}  // namespace ella
