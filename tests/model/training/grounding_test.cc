#include "model/training/grounding.h"

#include <gtest/gtest.h>

#include "model/training/layout_head.h"

namespace ella {
namespace {

// One object, in the upper left.
at::Tensor Picture() {
  at::Tensor image = at::zeros({1, 3, 64, 64});
  image.slice(2, 8, 24).slice(3, 8, 20).fill_(1);
  return image;
}

TEST(GroundingTest, EachPlaceShallBeToldWhatIsThere) {
  const at::Tensor images = Picture();
  const ParameterSet probes = {{"0.weight", at::eye(4)},
                               {"0.bias", at::zeros({4})},
                               {"1.weight", at::eye(4)},
                               {"1.bias", at::zeros({4})}};
  const auto error = [&](const at::Tensor& coarse, const at::Tensor& fine) {
    return GroundingError(probes, {{{}, coarse}, {{}, fine}}, images)
        .item<float>();
  };
  const at::Tensor coarse = CellsOf(images, 8);
  const at::Tensor fine = CellsOf(images, 16);
  EXPECT_EQ(error(coarse, fine), 0);
  // As much, but elsewhere.
  EXPECT_GT(error(coarse.flip(1), fine), 0.01f);
  EXPECT_GT(error(coarse, fine.flip(1)), 0.01f);
}

TEST(GroundingTest, HasAProbeForEachTransformer) {
  const std::vector<TensorShape> shapes =
      GroundingProbeShapes({.channels = {64, 128, 256}, .layers_per_block = 1});
  std::vector<int64_t> widths;
  for (const TensorShape& shape : shapes) {
    if (shape.shape.size() == 2) widths.push_back(shape.shape[1]);
  }
  EXPECT_EQ(widths, (std::vector<int64_t>{64, 128, 256, 128, 128, 64, 64}));
}

}  // namespace
}  // namespace ella
