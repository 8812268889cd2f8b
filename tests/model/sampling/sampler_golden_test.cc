#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/sampling/noise.h"
#include "model/sampling/noise_schedule.h"
#include "model/sampling/sampler.h"
#include "model/sampling/timesteps.h"
#include "tests/golden/golden_file.h"
#include "tests/model/sampling/sd15_schedule.h"

namespace ella {
namespace {

// The model that the reference runs used.
at::Tensor ToyEps(const at::Tensor& input, float timestep,
                  const at::Tensor& pattern) {
  return input * 0.9 + pattern * (0.1 * (timestep / 1000.0));
}

void ExpectOnPath(const at::Tensor& latents, const at::Tensor& expected) {
  ASSERT_EQ(latents.sizes(), expected.sizes());
  const at::Tensor limit = expected.abs().clamp_min(1) * 1e-4;
  EXPECT_TRUE(((latents - expected).abs() <= limit).all().item<bool>())
      << "off by up to " << (latents - expected).abs().max().item<float>();
}

void ExpectTimesteps(const Sampler& sampler, const at::Tensor& expected) {
  ASSERT_EQ(sampler.num_calls(), expected.numel());
  for (int i = 0; i < sampler.num_calls(); ++i) {
    EXPECT_EQ(sampler.timestep(i), expected.to(at::kFloat)[i].item<float>())
        << "call " << i;
  }
}

absl::StatusOr<SigmaSchedule> SigmasOf(const std::string& name,
                                       const NoiseSchedule& schedule,
                                       int steps) {
  if (name == "dpmpp_2m_karras") return KarrasSigmas(schedule, steps);
  return SpacedSigmas(
      schedule, steps,
      name.starts_with("euler") ? kEulerSpacing : kSolverSpacing);
}

void ExpectSigmas(const std::string& name, const NoiseScheduleConfig& config,
                  int steps, const at::Tensor& expected) {
  const auto sigmas =
      SigmasOf(name, NoiseSchedule::Create(config).value(), steps).value();
  const at::Tensor actual = at::tensor(sigmas.sigmas);
  ASSERT_EQ(actual.sizes(), expected.sizes());
  EXPECT_TRUE(
      ((actual - expected).abs() <= expected.abs() * 1e-5).all().item<bool>());
}

TEST(SamplerGolden, AlphasCumprod) {
  const GoldenFile golden("samplers/schedulers.safetensors");
  const NoiseSchedule schedule = NoiseSchedule::Create(Sd15()).value();
  ExpectClose(at::tensor(schedule.alphas_cumprod()),
              golden.Get("alphas_cumprod"), 1e-6);
}

class TrajectoryTest
    : public testing::TestWithParam<std::tuple<std::string, int>> {
 protected:
  std::string name() const { return std::get<0>(GetParam()); }
  int steps() const { return std::get<1>(GetParam()); }
  at::Tensor Golden(const std::string& part) const {
    return golden_.Get(absl::StrCat(name(), ".", steps(), ".", part));
  }
  bool HasGolden(const std::string& part) const {
    return golden_.Has(absl::StrCat(name(), ".", steps(), ".", part));
  }

  const GoldenFile golden_{"samplers/schedulers.safetensors"};
};

TEST_P(TrajectoryTest, Schedule) {
  const auto sampler = CreateSampler(name(), Sd15(), steps()).value();
  ExpectTimesteps(*sampler, Golden("timesteps"));
  EXPECT_NEAR(sampler->init_noise_sigma(),
              Golden("init_noise_sigma").item<double>(), 1e-5);
  EXPECT_EQ(HasGolden("sigmas"), name() != "ddim" && name() != "pndm");
  if (HasGolden("sigmas")) {
    ExpectSigmas(name(), Sd15(), steps(), Golden("sigmas"));
  }
}

TEST_P(TrajectoryTest, Latents) {
  if (steps() == 50) return;  // has no trajectory
  const at::Tensor path = Golden("x");
  for (int row = 0; row < 2; ++row) {
    const at::Tensor pattern = golden_.Get("P").narrow(0, row, 1);
    const auto sampler = CreateSampler(name(), Sd15(), steps()).value();
    at::Generator generator = CreateGenerator(1);
    at::Generator same_generator = CreateGenerator(1);
    at::Tensor latents = golden_.Get("x_init_unit").narrow(0, row, 1) *
                         sampler->init_noise_sigma();
    for (int call = 0; call < sampler->num_calls(); ++call) {
      SCOPED_TRACE(absl::StrCat("row ", row, ", call ", call));
      EXPECT_EQ(sampler->call(), call);
      ExpectOnPath(latents, path[call].narrow(0, row, 1));
      const at::Tensor input = sampler->ScaleInput(latents);
      if (HasGolden("model_input")) {
        ExpectOnPath(input, Golden("model_input")[call].narrow(0, row, 1));
      } else {
        EXPECT_TRUE(input.equal(latents));
      }
      const at::Tensor eps = ToyEps(input, sampler->timestep(call), pattern);
      latents = sampler->Step(latents, eps, generator);
      if (name() == "euler_ancestral") {
        // The reference's noise in place of our own.
        const at::Tensor sigmas = Golden("sigmas").to(at::kDouble).square();
        const double now = sigmas[call].item<double>();
        const double next = sigmas[call + 1].item<double>();
        const at::Tensor noise = Golden("noise")[call].narrow(0, row, 1);
        latents = latents + (noise - DrawNoise(noise.sizes(), same_generator)) *
                                std::sqrt(next * (now - next) / now);
      }
    }
    ExpectOnPath(latents, path[sampler->num_calls()].narrow(0, row, 1));
  }
}

INSTANTIATE_TEST_SUITE_P(All, TrajectoryTest,
                         testing::Combine(testing::ValuesIn(SamplerNames()),
                                          testing::Values(10, 25, 50)),
                         [](const auto& info) {
                           return absl::StrCat(std::get<0>(info.param), "_",
                                               std::get<1>(info.param));
                         });

struct NamedConfig {
  std::string name;
  NoiseScheduleConfig config;
};

// As in make_samplers.py.
std::vector<NamedConfig> EdgeConfigs() {
  std::vector<NamedConfig> configs = {{"sd15", Sd15()}};
  for (const char* spacing : {"leading", "trailing", "linspace"}) {
    configs.push_back({spacing, Sd15()});
    configs.back().config.timestep_spacing = spacing;
  }
  configs.push_back({"sparse", {}});
  configs.back().config.num_train_timesteps = 300;
  configs.back().config.skip_prk_steps = true;
  configs.push_back({"trained", Sd15()});
  configs.back().config.num_train_timesteps = 40;
  configs.back().config.set_alpha_to_one = true;
  for (int i = 1; i <= 40; ++i) {
    configs.back().config.trained_betas.push_back(0.001 * i);
  }
  return configs;
}

TEST(SamplerGolden, EdgesOfStepsAndConfigs) {
  const GoldenFile golden("samplers/edges.safetensors");
  const at::Tensor pattern = golden.Get("P");
  int compared = 0;
  for (const auto& [config_name, config] : EdgeConfigs()) {
    for (const std::string& name : SamplerNames()) {
      for (const int steps : {1, 2, 3, 4, 7, 15, 50, 100}) {
        const std::string key =
            absl::StrCat(config_name, ".", name, ".", steps, ".");
        if (!golden.Has(key + "last")) continue;
        SCOPED_TRACE(key);
        ++compared;
        const auto sampler = CreateSampler(name, config, steps).value();
        ExpectTimesteps(*sampler, golden.Get(key + "timesteps"));
        if (golden.Has(key + "sigmas")) {
          ExpectSigmas(name, config, steps, golden.Get(key + "sigmas"));
        }
        at::Generator generator = CreateGenerator(7);
        at::Tensor latents =
            DrawNoise(pattern.sizes(), generator) * sampler->init_noise_sigma();
        while (sampler->call() < sampler->num_calls()) {
          const at::Tensor eps =
              ToyEps(sampler->ScaleInput(latents),
                     sampler->timestep(sampler->call()), pattern);
          latents = sampler->Step(latents, eps, generator);
        }
        ExpectOnPath(latents, golden.Get(key + "last"));
      }
    }
  }
  EXPECT_EQ(compared, 322);
}

TEST(SamplerGolden, InitialNoise) {
  const GoldenFile golden("samplers/rng.safetensors");
  for (const uint32_t seed : {0u, 1u, 42u, 1001u, 2147483648u}) {
    for (const int64_t width : {8, 12}) {
      at::Generator generator = CreateGenerator(seed);
      ExpectClose(DrawNoise({1, 4, 8, width}, generator),
                  golden.Get(absl::StrCat("seed", seed, ".1x4x8x", width)),
                  1e-6);
    }
  }
}

TEST(SamplerGolden, NoiseGoesOnInTheSameGenerator) {
  const GoldenFile golden("samplers/rng.safetensors");
  at::Generator generator = CreateGenerator(1001);
  for (const char* name : {"seed1001.seq.0", "seed1001.seq.1"}) {
    ExpectClose(DrawNoise({1, 4, 8, 8}, generator), golden.Get(name), 1e-6);
  }
}

TEST(SamplerGolden, LargeNoise) {
  const GoldenFile golden("samplers/rng.safetensors");
  at::Generator generator = CreateGenerator(1001);
  const at::Tensor noise = DrawNoise({1, 4, 64, 64}, generator);
  ExpectClose(noise.flatten().narrow(0, 0, 1024),
              golden.Get("seed1001.1x4x64x64.first1024"), 1e-6);
}

}  // namespace
}  // namespace ella
