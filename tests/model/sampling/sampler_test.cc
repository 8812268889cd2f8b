#include "model/sampling/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/sampling/noise.h"
#include "model/sampling/noise_schedule.h"
#include "tests/model/sampling/sd15_schedule.h"

namespace ella {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& name, const NoiseScheduleConfig& config,
                    int steps) {
  const auto sampler = CreateSampler(name, config, steps);
  EXPECT_EQ(sampler.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(sampler.status().message());
}

// A perfect model of a world that holds one picture.
class PerfectModel {
 public:
  PerfectModel(const NoiseScheduleConfig& config, at::Tensor picture)
      : schedule_(NoiseSchedule::Create(config).value()),
        picture_(std::move(picture)) {}

  at::Tensor Eps(const at::Tensor& input, double timestep) const {
    const double sigma = schedule_.SigmaAt(timestep);
    const double alpha = 1 / std::sqrt(1 + sigma * sigma);
    return (input - picture_ * alpha) / (sigma * alpha);
  }

 private:
  NoiseSchedule schedule_;
  at::Tensor picture_;
};

at::Tensor Picture() { return at::linspace(-2, 2, 96).reshape({1, 4, 4, 6}); }

class EverySamplerTest : public testing::TestWithParam<std::string> {};

TEST_P(EverySamplerTest, FindsThePictureInAnyNumberOfSteps) {
  const PerfectModel model(Sd15(), Picture());
  for (const int steps : {1, 2, 3, 20, 999, 1000}) {
    SCOPED_TRACE(absl::StrCat(steps, " steps"));
    const auto sampler = CreateSampler(GetParam(), Sd15(), steps).value();
    EXPECT_EQ(sampler->num_calls(),
              GetParam() == "pndm" && steps > 1 ? steps + 1 : steps);
    at::Generator generator = CreateGenerator(3);
    at::Tensor latents =
        DrawNoise(Picture().sizes(), generator) * sampler->init_noise_sigma();
    while (sampler->call() < sampler->num_calls()) {
      const float timestep = sampler->timestep(sampler->call());
      EXPECT_GE(timestep, 0);
      EXPECT_LE(timestep, 999);
      latents = sampler->Step(latents,
                              model.Eps(sampler->ScaleInput(latents), timestep),
                              generator);
    }
    // The rounded timesteps of Karras sigmas cost a little.
    const double error =
        (sampler->denoised() - Picture()).abs().max().item<double>();
    EXPECT_LE(error, GetParam() == "dpmpp_2m_karras" ? 0.3 : 1e-3);
    // One step of ddim or pndm is from timestep 1, and goes nowhere.
    if (steps > 1) {
      EXPECT_LE((latents - Picture()).abs().max().item<double>(), 0.3);
    }
  }
}

TEST_P(EverySamplerTest, WorksOnTheShortestSchedule) {
  NoiseScheduleConfig config = Sd15();
  config.num_train_timesteps = 1;
  config.steps_offset = 0;
  const auto sampler = CreateSampler(GetParam(), config, 1).value();
  EXPECT_EQ(sampler->num_calls(), 1);
  EXPECT_EQ(sampler->timestep(0), 0);
  at::Generator generator = CreateGenerator(3);
  const at::Tensor latents = sampler->Step(Picture(), Picture(), generator);
  EXPECT_TRUE(latents.isfinite().all().item<bool>());
}

TEST_P(EverySamplerTest, RefusesStepsOutOfRange) {
  for (const int steps : {-1, 0, 1001}) {
    EXPECT_EQ(ErrorOf(GetParam(), Sd15(), steps),
              absl::StrCat("steps must be from 1 to 1000, was ", steps));
  }
}

TEST_P(EverySamplerTest, RefusesABadSchedule) {
  NoiseScheduleConfig config = Sd15();
  config.beta_end = 1.5;
  EXPECT_EQ(ErrorOf(GetParam(), config, 10),
            "beta_end must be between 0 and 1, was 1.5");
}

TEST_P(EverySamplerTest, StaysFiniteWhereNeighboursAreEqual) {
  NoiseScheduleConfig config = Sd15();
  config.num_train_timesteps = 6;
  config.trained_betas = {0.1, 1e-9, 1e-9, 0.1, 1e-9, 0.1};
  for (const int steps : {2, 5, 6}) {
    const auto sampler = CreateSampler(GetParam(), config, steps).value();
    at::Generator generator = CreateGenerator(3);
    at::Tensor latents = Picture();
    while (sampler->call() < sampler->num_calls()) {
      latents =
          sampler->Step(latents, Picture() / (2 + sampler->call()), generator);
    }
    EXPECT_LE(latents.abs().max().item<double>(), 100) << steps << " steps";
  }
}

TEST_P(EverySamplerTest, OnlyAncestralDrawsNoise) {
  const auto sampler = CreateSampler(GetParam(), Sd15(), 2).value();
  at::Generator generator = CreateGenerator(3);
  const at::Tensor before = generator.get_state();
  sampler->Step(Picture(), Picture(), generator);
  EXPECT_EQ(generator.get_state().equal(before),
            GetParam() != "euler_ancestral");
}

TEST_P(EverySamplerTest, RowsDoNotDisturbEachOther) {
  const auto alone = CreateSampler(GetParam(), Sd15(), 5).value();
  const auto one = CreateSampler(GetParam(), Sd15(), 5).value();
  const auto other = CreateSampler(GetParam(), Sd15(), 7).value();
  at::Generator alone_generator = CreateGenerator(3);
  at::Generator one_generator = CreateGenerator(3);
  at::Generator other_generator = CreateGenerator(4);
  at::Tensor expected = Picture();
  at::Tensor latents = Picture();
  at::Tensor other_latents = -Picture();
  for (int call = 0; call < 5; ++call) {
    expected = alone->Step(expected, expected.sin(), alone_generator);
    latents = one->Step(latents, latents.sin(), one_generator);
    other_latents =
        other->Step(other_latents, other_latents.sin(), other_generator);
    EXPECT_TRUE(latents.equal(expected));
  }
}

INSTANTIATE_TEST_SUITE_P(All, EverySamplerTest,
                         testing::ValuesIn(SamplerNames()),
                         [](const auto& info) { return info.param; });

TEST(SamplerTest, UnknownNameListsTheKnown) {
  EXPECT_EQ(ErrorOf("heun", Sd15(), 10),
            "sampler must be one of dpmpp_2m, dpmpp_2m_karras, ddim, pndm, "
            "euler, euler_ancestral, unipc, was heun");
}

TEST(SamplerTest, PndmRefusesRungeKuttaSteps) {
  NoiseScheduleConfig config = Sd15();
  config.skip_prk_steps = false;
  EXPECT_THAT(ErrorOf("pndm", config, 10), HasSubstr("skip_prk_steps"));
}

TEST(SamplerTest, LeadingTimestepsMustBeAtLeastOneApart) {
  NoiseScheduleConfig config = Sd15();
  config.timestep_spacing = "leading";
  EXPECT_TRUE(CreateSampler("unipc", config, 999).ok());
  EXPECT_THAT(ErrorOf("unipc", config, 1000),
              HasSubstr("steps must be at most 999"));
}

TEST(SamplerTest, DdimClipsByDefault) {
  NoiseScheduleConfig config = Sd15();
  config.clip_sample = NoiseScheduleConfig().clip_sample;
  const auto sampler = CreateSampler("ddim", config, 10).value();
  at::Generator generator = CreateGenerator(3);
  sampler->Step(Picture() * 100, Picture(), generator);
  EXPECT_EQ(sampler->denoised().abs().max().item<float>(), 1);
}

}  // namespace
}  // namespace ella
