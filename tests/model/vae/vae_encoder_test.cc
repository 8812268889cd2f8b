#include "model/vae/vae_encoder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/golden/golden_file.h"
#include "tests/golden/golden_networks.h"
#include "tests/golden/golden_sets.h"

namespace ella {
namespace {

constexpr double kTolerance = 5e-5;  // of the rms

class VaeEncoderTest : public testing::TestWithParam<GoldenSet> {
 protected:
  void ExpectReference(const std::string& folder) const {
    const VaeConfig config = ValueOrThrow(
        VaeConfig::Load(GetParam().model + "/sd15/vae/config.json"));
    const auto encoder = LoadGolden<VaeEncoder>(
        ValueOrThrow(Checkpoint::OpenFolder(folder, "diffusion_pytorch_model")),
        config, VaeEncoderKeyMapping());
    const GoldenFile golden(GetParam().Expected("vae.safetensors"));
    int compared = 0;
    for (const std::string& name : golden.Names()) {
      if (!name.starts_with("enc_") || !name.ends_with(".image")) continue;
      SCOPED_TRACE(name);
      const std::string stem = name.substr(0, name.rfind('.'));
      const LatentDistribution latents = encoder->forward(golden.Get(name));
      ExpectClose(latents.mean, golden.Get(stem + ".mean"), kTolerance);
      ExpectClose(latents.logvar, golden.Get(stem + ".logvar"), kTolerance);
      ++compared;
    }
    EXPECT_GE(compared, 1);
  }
};

INSTANTIATE_TEST_SUITE_P(Golden, VaeEncoderTest,
                         testing::ValuesIn(GoldenSets()),
                         [](const auto& info) { return info.param.name; });

TEST_P(VaeEncoderTest, MatchesTheReference) {
  ExpectReference(GetParam().model + "/sd15/vae");
}

TEST_P(VaeEncoderTest, ReadsTheAttentionOfEarlyFiles) {
  const std::string legacy = GetParam().model + "/vae-legacy-keys";
  if (!std::filesystem::exists(legacy)) {
    GTEST_SKIP() << "this set has no VAE with the old names";
  }
  ExpectReference(legacy);
}

}  // namespace
}  // namespace ella
