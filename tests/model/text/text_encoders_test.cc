#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "model/text/clip_text_encoder.h"
#include "model/text/t5_encoder.h"
#include "tests/golden/golden_file.h"
#include "tests/golden/golden_networks.h"
#include "tests/golden/golden_sets.h"

namespace ella {
namespace {

constexpr double kTolerance = 5e-5;  // of the rms

class TextEncodersTest : public testing::TestWithParam<GoldenSet> {
 protected:
  std::unique_ptr<T5Encoder> LoadT5() const {
    const std::string folder = GetParam().model + "/flan-t5";
    return LoadGolden<T5Encoder>(
        ValueOrThrow(Checkpoint::OpenFolder(folder, "model")),
        ValueOrThrow(T5Config::Load(folder + "/config.json")), T5KeyMapping());
  }
};

INSTANTIATE_TEST_SUITE_P(Golden, TextEncodersTest,
                         testing::ValuesIn(GoldenSets()),
                         [](const auto& info) { return info.param.name; });

TEST_P(TextEncodersTest, T5MatchesTheReference) {
  const auto t5 = LoadT5();
  const GoldenFile golden(GetParam().Expected("t5.safetensors"));
  int compared = 0;
  for (const std::string& name : golden.Names()) {
    if (!name.ends_with(".ids")) continue;
    const std::string stem = name.substr(0, name.size() - 4);
    SCOPED_TRACE(stem);
    const at::Tensor expected = golden.Get(stem + ".out");
    std::optional<at::Tensor> mask;
    if (golden.Has(stem + ".mask")) mask = golden.Get(stem + ".mask");
    const at::Tensor out = t5->forward(golden.Get(name), mask, at::kFloat);
    if (stem == "ragged") {
      // Padding rows of this batch are of no meaning.
      const at::Tensor rows = mask->to(at::kBool);
      ExpectClose(out.index({rows}), expected.index({rows}), kTolerance);
    } else {
      ExpectClose(out, expected, kTolerance);
    }
    ++compared;
  }
  EXPECT_GE(compared, 6);
}

TEST_P(TextEncodersTest, ClipMatchesTheReference) {
  const std::string folder = GetParam().model + "/sd15/text_encoder";
  const auto clip = LoadGolden<ClipTextEncoder>(
      ValueOrThrow(Checkpoint::OpenFolder(folder, "model")),
      ValueOrThrow(ClipConfig::Load(folder + "/config.json")),
      ClipKeyMapping());
  const GoldenFile golden(GetParam().Expected("clip.safetensors"));
  ExpectClose(clip->forward(golden.Get("ids")), golden.Get("last_hidden_state"),
              kTolerance);
}

// Rounding the weights to float16 and computing in float32 stays within the
// bound that holds for computing in float16.
TEST_P(TextEncodersTest, T5WithFloat16WeightsIsNear) {
  const std::string folder = GetParam().model + "/flan-t5";
  ParameterLoader loader("T5",
                         ValueOrThrow(Checkpoint::OpenFolder(folder, "model")),
                         LoadOptions{at::kCPU, at::kHalf}, T5KeyMapping());
  const T5Encoder t5(loader.root(),
                     ValueOrThrow(T5Config::Load(folder + "/config.json")));
  ASSERT_TRUE(loader.Finish().ok());
  const GoldenFile golden(GetParam().Expected("t5.safetensors"));
  const at::Tensor out =
      t5.forward(golden.Get("flex.1.ids"), std::nullopt, at::kFloat);
  EXPECT_EQ(out.scalar_type(), at::kFloat);
  ExpectClose(out, golden.Get("flex.1.out"), 0.06);
}

// In any company and order.
TEST_P(TextEncodersTest, T5GivesATextTheBytesThatItHasAlone) {
  const std::string folder = GetParam().model + "/flan-t5";
  const GoldenFile golden(GetParam().Expected("t5.safetensors"));
  std::vector<T5Input> inputs;
  for (const std::string& name : golden.Names()) {
    if (!name.ends_with(".ids")) continue;
    T5Input input = {golden.Get(name), {}};
    const std::string mask = name.substr(0, name.size() - 4) + ".mask";
    if (golden.Has(mask)) input.mask = golden.Get(mask);
    inputs.push_back(std::move(input));
  }
  ASSERT_GE(inputs.size(), 6u);
  for (const at::ScalarType weights : {at::kFloat, at::kHalf}) {
    ParameterLoader loader(
        "T5", ValueOrThrow(Checkpoint::OpenFolder(folder, "model")),
        LoadOptions{at::kCPU, weights}, T5KeyMapping());
    const T5Encoder t5(loader.root(),
                       ValueOrThrow(T5Config::Load(folder + "/config.json")));
    ASSERT_TRUE(loader.Finish().ok());
    std::vector<at::Tensor> alone;
    for (const T5Input& input : inputs) {
      alone.push_back(t5.forward({input}, at::kFloat)[0]);
    }
    std::mt19937 random(5);
    std::vector<size_t> order(inputs.size());
    std::iota(order.begin(), order.end(), 0);
    for (int round = 0; round < 5; ++round) {
      std::shuffle(order.begin(), order.end(), random);
      const size_t count = 2 + random() % (order.size() - 1);
      std::vector<T5Input> company;
      for (size_t i = 0; i < count; ++i) company.push_back(inputs[order[i]]);
      const auto together = t5.forward(company, at::kFloat);
      for (size_t i = 0; i < count; ++i) {
        EXPECT_TRUE(at::equal(together[i], alone[order[i]])) << order[i];
      }
    }
  }
}

TEST(KeyMappingTest, ClipKeysComeWithAndWithoutTheirPrefix) {
  const KeyMapping mapping = ClipKeyMapping();
  EXPECT_EQ(mapping.rename("text_model.final_layer_norm.weight"),
            "final_layer_norm.weight");
  EXPECT_EQ(mapping.rename("final_layer_norm.weight"),
            "final_layer_norm.weight");
  EXPECT_TRUE(mapping.ignored("embeddings.position_ids"));
  EXPECT_FALSE(mapping.ignored("embeddings.position_embedding.weight"));
}

TEST(KeyMappingTest, TheDecoderOfAWholeT5IsIgnored) {
  const KeyMapping mapping = T5KeyMapping();
  EXPECT_TRUE(mapping.ignored("decoder.block.0.layer.0.layer_norm.weight"));
  EXPECT_TRUE(mapping.ignored("lm_head.weight"));
  EXPECT_FALSE(mapping.ignored("encoder.final_layer_norm.weight"));
  EXPECT_FALSE(mapping.ignored("shared.weight"));
}

TEST(RelativeBucketTest, IsExactNearbyAndLogarithmicFarAway) {
  EXPECT_EQ(RelativeBucket(0, 32, 128), 0);
  EXPECT_EQ(RelativeBucket(-7, 32, 128), 7);
  EXPECT_EQ(RelativeBucket(7, 32, 128), 16 + 7);
  EXPECT_EQ(RelativeBucket(-8, 32, 128), 8);
  EXPECT_EQ(RelativeBucket(-11, 32, 128), 8);
  EXPECT_EQ(RelativeBucket(-12, 32, 128), 9);
  EXPECT_EQ(RelativeBucket(-127, 32, 128), 15);
  EXPECT_EQ(RelativeBucket(300, 32, 128), 31);
}

// The reference's table of all distances from -300 to 300, where a set has it.
TEST_P(TextEncodersTest, RelativeBucketsMatchTheTable) {
  const GoldenFile golden(GetParam().Expected("t5.safetensors"));
  const std::string name = "relative_bucket.k_minus_q_-300_300";
  if (!golden.Has(name)) GTEST_SKIP() << "this set has no table of buckets";
  const at::Tensor table = golden.Get(name);
  for (int64_t distance = -300; distance <= 300; ++distance) {
    EXPECT_EQ(RelativeBucket(distance, 32, 128),
              table[distance + 300].item<int64_t>())
        << distance;
  }
}

}  // namespace
}  // namespace ella
