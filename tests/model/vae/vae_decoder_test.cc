#include "model/vae/vae_decoder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "model/vae/preview_decoder.h"
#include "tests/golden/golden_file.h"
#include "tests/golden/golden_networks.h"
#include "tests/golden/golden_sets.h"

namespace ella {
namespace {

constexpr double kTolerance = 5e-5;  // of the rms

class VaeDecoderTest : public testing::TestWithParam<GoldenSet> {
 protected:
  std::unique_ptr<VaeDecoder> Load(const std::string& folder) const {
    return LoadGolden<VaeDecoder>(
        ValueOrThrow(Checkpoint::OpenFolder(folder, "diffusion_pytorch_model")),
        Config(), VaeDecoderKeyMapping());
  }
  VaeConfig Config() const {
    return ValueOrThrow(
        VaeConfig::Load(GetParam().model + "/sd15/vae/config.json"));
  }

  void ExpectReference(const VaeDecoder& vae) const {
    const GoldenFile golden(GetParam().Expected("vae.safetensors"));
    int compared = 0;
    for (const std::string& name : golden.Names()) {
      if (!name.ends_with(".z")) continue;
      SCOPED_TRACE(name);
      const std::string stem = name.substr(0, name.size() - 2);
      ExpectClose(vae.forward(golden.Get(name)), golden.Get(stem + ".out"),
                  kTolerance);
      ++compared;
    }
    EXPECT_GE(compared, 2);
  }
};

INSTANTIATE_TEST_SUITE_P(Golden, VaeDecoderTest,
                         testing::ValuesIn(GoldenSets()),
                         [](const auto& info) { return info.param.name; });

TEST_P(VaeDecoderTest, MatchesTheReference) {
  ExpectReference(*Load(GetParam().model + "/sd15/vae"));
}

TEST_P(VaeDecoderTest, ReadsTheAttentionOfEarlyFiles) {
  const std::string legacy = GetParam().model + "/vae-legacy-keys";
  if (!std::filesystem::exists(legacy)) {
    GTEST_SKIP() << "this set has no VAE with the old names";
  }
  ExpectReference(*Load(legacy));
}

TEST(VaeKeyMappingTest, RenamesTheAttentionOfEarlyFiles) {
  const KeyMapping mapping = VaeDecoderKeyMapping();
  const std::string block = "decoder.mid_block.attentions.0.";
  EXPECT_EQ(mapping.rename(block + "query.weight"), block + "to_q.weight");
  EXPECT_EQ(mapping.rename(block + "key.bias"), block + "to_k.bias");
  EXPECT_EQ(mapping.rename(block + "value.bias"), block + "to_v.bias");
  EXPECT_EQ(mapping.rename(block + "proj_attn.weight"),
            block + "to_out.0.weight");
  EXPECT_EQ(mapping.rename(block + "group_norm.weight"),
            block + "group_norm.weight");
}

TEST(ToPixelsTest, ClampsAndRoundsHalfToEven) {
  // x / 2 + 0.5 is v / 255 for the v below, and 254.5 is halfway.
  const at::Tensor levels =
      at::tensor({-20., 0., 254.5, 255., 300.}, at::kDouble);
  const at::Tensor decoded =
      ((levels / 255 - 0.5) * 2).view({1, 1, 1, -1}).expand({1, 3, 1, -1});
  const at::Tensor pixels = ToPixels(decoded);
  EXPECT_EQ(pixels.sizes(), (std::vector<int64_t>{1, 1, 5, 3}));
  const int expected[] = {0, 0, 254, 255, 255};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(pixels[0][0][i][0].item<int>(), expected[i]) << i;
  }
}

// Of patches that the map was not fitted on, the preview is nearer to the
// decoded picture than that picture's mean colour is.
TEST_P(VaeDecoderTest, PreviewsResembleThePicture) {
  const auto vae = Load(GetParam().model + "/sd15/vae");
  const PreviewDecoder preview(*vae, Config(), at::kCPU, at::kFloat);
  at::manual_seed(5);
  const at::Tensor z =
      at::upsample_nearest2d(at::randn({2, 4, 3, 3}), {12, 12}) /
      Config().scaling_factor;
  const at::Tensor picture =
      at::adaptive_avg_pool2d(vae->forward(z).clamp(-1, 1), {12, 12});
  const at::Tensor guess = preview.forward(z);
  ASSERT_EQ(guess.sizes(), picture.sizes());
  const auto error = [&](const at::Tensor& x) {
    return (x - picture).square().mean().item<double>();
  };
  EXPECT_LT(error(guess), error(picture.mean({0, 2, 3}, true)));
}

TEST(LimitSideTest, KeepsTheShape) {
  const at::Tensor x = at::ones({1, 3, 40, 20});
  EXPECT_EQ(LimitSide(x, 0).size(2), 40);
  EXPECT_EQ(LimitSide(x, 64).size(2), 40);
  EXPECT_EQ(LimitSide(x, 10).sizes(), (std::vector<int64_t>{1, 3, 10, 5}));
  EXPECT_EQ(LimitSide(x, 1).sizes(), (std::vector<int64_t>{1, 3, 1, 1}));
}

}  // namespace
}  // namespace ella
