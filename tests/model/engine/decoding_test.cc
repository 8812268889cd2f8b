#include <gtest/gtest.h>

#include <limits>

#include "model/engine/ella_row.h"
#include "model/engine/loaded_model.h"
#include "model/engine/staged_decoding.h"
#include "tests/golden/value_or_throw.h"
#include "tests/model/engine/engine_test_util.h"

namespace ella {
namespace {

using Stage = StagedDecoding::Stage;

Stage Add(double summand) {
  return [=](const at::Tensor& x) { return x + summand; };
}

// [B, 3, h, w] -> [B, h, w, 3]
at::Tensor Pixels(const at::Tensor& x) {
  return x.permute({0, 2, 3, 1}).nan_to_num().to(at::kByte).contiguous();
}

at::Tensor Latents(int64_t rows, double value) {
  return at::full({rows, 3, 2, 4}, value, at::kFloat);
}

TEST(StagedDecodingTest, RunsABatchAfterTheOther) {
  StagedDecoding decoding({Latents(2, 1), Latents(1, 5)},
                          {Add(10), Add(100), Pixels});
  for (int left = 6; left > 0; --left) {
    EXPECT_EQ(decoding.slices_left(), left);
    EXPECT_TRUE(decoding.RunSlice().ok());
  }
  EXPECT_EQ(decoding.slices_left(), 0);
  const auto images = decoding.TakeImages();
  ASSERT_EQ(images.size(), 3u);
  EXPECT_EQ(images[0]->width, 4);
  EXPECT_EQ(images[0]->height, 2);
  EXPECT_EQ(images[1]->pixels, std::vector<uint8_t>(24, 111));
  EXPECT_EQ(images[2]->pixels, std::vector<uint8_t>(24, 115));
}

TEST(StagedDecodingTest, LatentsThatAreNotFiniteFailAlone) {
  at::Tensor latents = Latents(3, 1);
  latents[1][2][0][3] = std::numeric_limits<float>::quiet_NaN();
  StagedDecoding decoding({latents}, {Pixels});
  EXPECT_TRUE(decoding.RunSlice().ok());
  const auto images = decoding.TakeImages();
  EXPECT_TRUE(images[0].ok());
  EXPECT_EQ(images[1].status().code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(images[2].ok());
}

TEST(StagedDecodingTest, AfterAnErrorNothingIsLeft) {
  StagedDecoding decoding(
      {Latents(2, 1)},
      {Add(1), [](const at::Tensor&) -> at::Tensor { throw std::bad_alloc(); },
       Pixels});
  EXPECT_TRUE(decoding.RunSlice().ok());
  EXPECT_EQ(decoding.RunSlice().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(decoding.slices_left(), 0);
  const auto images = decoding.TakeImages();
  ASSERT_EQ(images.size(), 2u);
  EXPECT_EQ(images[1].status().code(), absl::StatusCode::kResourceExhausted);
}

class DecodingTest : public testing::TestWithParam<GoldenSet> {
 protected:
  std::unique_ptr<Row> Run(GoldenCase golden, int width, int height) {
    golden.params.width = width;
    golden.params.height = height;
    golden.params.steps = 2;
    auto row = StartRow(engine_.get(), golden, 0);
    RunToEnd(engine_.get(), {row.get()});
    return row;
  }

  const std::unique_ptr<Engine> engine_ =
      MakeEngine(Float32Options(GetParam().model));
  const std::vector<GoldenCase> cases_ = GoldenCases(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Golden, DecodingTest, testing::ValuesIn(GoldenSets()),
                         [](const auto& info) { return info.param.name; });

// Slice by slice with steps between, the rows gone, it is what forward gives.
TEST_P(DecodingTest, SlicesGiveThePictureThatForwardGives) {
  EngineOptions options = Float32Options(GetParam().model);
  const ComputePlan plan = ValueOrThrow(PlanCompute(options));
  const LoadedModel model = ValueOrThrow(
      LoadModel(ValueOrThrow(FindModelFiles(options.model)), plan));
  auto row = Run(cases_[0], 56, 40);
  const at::Tensor z = static_cast<const EllaRow&>(*row).latents() /
                       model.vae_config.scaling_factor;
  const at::Tensor expected = ToPixels(model.vae->forward(z));
  auto decoding = ValueOrThrow(engine_->StartDecode({row.get()}));
  row.reset();
  EXPECT_EQ(decoding->slices_left(),
            static_cast<int>(model.vae->stages().size()));
  EXPECT_GE(decoding->slices_left(), 8);
  const auto other = StartRow(engine_.get(), cases_[1], 0);
  while (decoding->slices_left() > 0) {
    ASSERT_TRUE(decoding->RunSlice().ok());
    if (other->done()) continue;
    ASSERT_TRUE(engine_->Step({other.get()})[0].ok());
  }
  const RgbImage image = ValueOrThrow(decoding->TakeImages()[0]);
  ASSERT_EQ(static_cast<int64_t>(image.pixels.size()), expected.numel());
  EXPECT_TRUE(std::equal(image.pixels.begin(), image.pixels.end(),
                         expected.const_data_ptr<uint8_t>()));
}

TEST_P(DecodingTest, PicturesTogetherAreThePicturesAlone) {
  std::vector<std::unique_ptr<Row>> rows;
  std::vector<Row*> together;
  for (size_t i = 0; i < 5; ++i) {
    rows.push_back(Run(cases_[i], 64, 40));
    together.push_back(rows.back().get());
  }
  const auto images =
      FinishDecoding(engine_->StartDecode(together), together.size());
  ASSERT_EQ(images.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    ExpectSameImage(ValueOrThrow(images[i]),
                    DecodeRow(engine_.get(), together[i]));
  }
}

TEST_P(DecodingTest, LargePicturesGoOneByOne) {
  const int side = 64 * engine_->info().latent_scale;
  const auto row = Run(cases_[0], side, side);
  const auto one = ValueOrThrow(engine_->StartDecode({row.get()}));
  const auto two = ValueOrThrow(engine_->StartDecode({row.get(), row.get()}));
  EXPECT_EQ(two->slices_left(), 2 * one->slices_left());
}

TEST_P(DecodingTest, RgbPreviewsAreOneSlice) {
  const auto row = Run(cases_[0], 64, 64);
  const auto preview =
      ValueOrThrow(engine_->StartPreview(*row, PreviewKind::kRgb, 0));
  EXPECT_EQ(preview->slices_left(), 1);
}

}  // namespace
}  // namespace ella
