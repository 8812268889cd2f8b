#include "model/unet/unet.h"

#include <gtest/gtest.h>

#include "tests/golden/golden_file.h"
#include "tests/golden/golden_networks.h"
#include "tests/golden/golden_sets.h"

namespace ella {
namespace {

constexpr double kTolerance = 3e-5;  // of the rms

class UNetTest : public testing::TestWithParam<GoldenSet> {
 protected:
  UNetTest() : golden_(GetParam().Expected("unet.safetensors")) {
    const std::string folder = GetParam().model + "/sd15/unet";
    unet_ = LoadGolden<UNet>(
        ValueOrThrow(Checkpoint::OpenFolder(folder, "diffusion_pytorch_model")),
        ValueOrThrow(UNetConfig::Load(folder + "/config.json")));
  }

  const GoldenFile golden_;
  std::unique_ptr<UNet> unet_;
};

INSTANTIATE_TEST_SUITE_P(Golden, UNetTest, testing::ValuesIn(GoldenSets()),
                         [](const auto& info) { return info.param.name; });

TEST_P(UNetTest, MatchesTheReference) {
  int compared = 0;
  for (const std::string& name : golden_.Names()) {
    if (!name.ends_with(".sample")) continue;
    const std::string stem = name.substr(0, name.size() - 7);
    SCOPED_TRACE(stem);
    const at::Tensor out = unet_->forward(
        golden_.Get(name), golden_.Get(stem + ".timestep").to(at::kFloat),
        {golden_.Get(stem + ".encoder_hidden_states")});
    ExpectClose(out, golden_.Get(stem + ".out"), kTolerance);
    ++compared;
  }
  EXPECT_GE(compared, 5);
}

// Four rows with four timesteps, and contexts of three lengths.
TEST_P(UNetTest, ARowInABatchEqualsTheRowAlone) {
  const at::Tensor sample = golden_.Get("b4_8x8.sample");
  const at::Tensor timesteps = golden_.Get("b4_8x8.timestep").to(at::kFloat);
  const at::Tensor context = golden_.Get("b4_8x8.encoder_hidden_states");
  const Contexts contexts = {context.slice(0, 0, 1).slice(1, 0, 5),
                             context.slice(0, 1, 3),
                             context.slice(0, 3, 4).slice(1, 0, 9)};
  const at::Tensor together = unet_->forward(sample, timesteps, contexts);
  const Contexts alone = {contexts[0], context.slice(0, 1, 2),
                          context.slice(0, 2, 3), contexts[2]};
  for (int64_t row = 0; row < 4; ++row) {
    SCOPED_TRACE(row);
    ExpectClose(together.slice(0, row, row + 1),
                unet_->forward(sample.slice(0, row, row + 1),
                               timesteps.slice(0, row, row + 1), {alone[row]}),
                kTolerance);
  }
}

TEST_P(UNetTest, CrossAttendRepeatsWhatForwardWasTold) {
  const at::Tensor context = golden_.Get("b4_8x8.encoder_hidden_states");
  std::vector<CrossAttention> seen;
  const at::Tensor out = unet_->forward(
      golden_.Get("b4_8x8.sample"),
      golden_.Get("b4_8x8.timestep").to(at::kFloat), {context}, &seen);
  ExpectClose(out, golden_.Get("b4_8x8.out"), kTolerance);
  const std::vector<at::Tensor> again = unet_->CrossAttend(seen, {context});
  const std::vector<at::Tensor> other = unet_->CrossAttend(seen, {-context});
  ASSERT_EQ(again.size(), seen.size());
  ASSERT_GT(seen.size(), 1u);
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_TRUE(at::equal(again[i], seen[i].told)) << i;
    EXPECT_FALSE(at::allclose(other[i], seen[i].told)) << i;
  }
}

TEST_P(UNetTest, TakesLatentsOfAnySize) {
  const at::Tensor context = golden_.Get("b1_8x8.encoder_hidden_states");
  for (const auto& [height, width] :
       {std::pair<int64_t, int64_t>{1, 1}, {1, 9}, {13, 3}, {11, 17}}) {
    const at::Tensor out = unet_->forward(at::ones({1, 4, height, width}),
                                          at::full({1}, 500.f), {context});
    EXPECT_EQ(out.sizes(), (std::vector<int64_t>{1, 4, height, width}));
    EXPECT_TRUE(out.isfinite().all().item<bool>());
  }
}

}  // namespace
}  // namespace ella
