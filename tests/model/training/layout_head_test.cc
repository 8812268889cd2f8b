#include "model/training/layout_head.h"

#include <gtest/gtest.h>

namespace ella {
namespace {

TEST(LayoutHeadTest, ALayoutTellsOfObjectsAndNotOfTheBackground) {
  // Blue is the background; one cell is all yellow, its neighbour half.
  at::Tensor image = at::tensor({-1.0f, -1.0f, 1.0f}).view({1, 3, 1, 1});
  image = image.expand({1, 3, 64, 64}).clone();
  image.slice(2, 16, 24).slice(3, 40, 52).copy_(
      at::tensor({1.0f, 1.0f, -1.0f}).view({1, 3, 1, 1}));
  const at::Tensor layout = LayoutOf(image);
  ASSERT_EQ(layout.sizes(), (std::vector<int64_t>{1, kLayoutRows, 4}));
  const at::Tensor whole = at::tensor({1.0f, 1.0f, -1.0f, 2.0f});
  EXPECT_TRUE(at::equal(layout[0][2 * 8 + 5], whole));
  EXPECT_TRUE(at::equal(layout[0][2 * 8 + 6], whole / 2));
  EXPECT_EQ(layout.slice(1, 0, 64).abs().sum().item<float>(), 7.5f);
  // One and a half of 64 cells, times 16.
  EXPECT_TRUE(
      at::allclose(layout[0][64], at::tensor({1.0f, 1.0f, -1.0f, 0.375f})));
  EXPECT_EQ(LayoutOf(at::ones({1, 3, 64, 64})).abs().sum().item<float>(), 0);
}

TEST(LayoutHeadTest, WhatIsNotPlacedIsSpread) {
  at::Tensor layouts = at::zeros({2, kLayoutRows, 4});
  layouts.select(1, 9).fill_(2);
  layouts.select(1, kLayoutRows - 1).fill_(3);
  const at::Tensor spread =
      SpreadUnplaced(layouts, at::tensor({1, 0}).to(at::kBool));
  EXPECT_TRUE(at::equal(spread[0], layouts[0]));
  EXPECT_TRUE(at::equal(spread[1].slice(0, 0, kLayoutRows - 1),
                        at::full({kLayoutRows - 1, 4}, 2.0f / 64)));
  EXPECT_TRUE(
      at::equal(spread[1][kLayoutRows - 1], layouts[1][kLayoutRows - 1]));
}

TEST(LayoutHeadTest, TheBackgroundComesLast) {
  const at::Tensor layouts = at::ones({2, 6, kLayoutRows, 4});
  at::Tensor backgrounds = at::zeros({2, 4});
  backgrounds[1].copy_(at::tensor({1.0f, -1.0f, 0.5f, 1.0f}));
  const at::Tensor all = WithBackground(layouts, backgrounds);
  ASSERT_EQ(all.sizes(), (std::vector<int64_t>{2, 7, kLayoutRows, 4}));
  EXPECT_TRUE(at::equal(all.slice(1, 0, 6), layouts));
  EXPECT_EQ(all[0][6].abs().sum().item<float>(), 0);
  EXPECT_EQ(all[1][6].slice(0, 0, kLayoutRows - 1).abs().sum().item<float>(),
            0);
  EXPECT_TRUE(at::equal(all[1][6][kLayoutRows - 1],
                        at::tensor({3.0f, -3.0f, 1.5f, 3.0f})));
}

TEST(LayoutHeadTest, AMaskedTokenDoesntCount) {
  const ParameterSet head =
      InitialParameters(LayoutHeadShapes(16), 1, at::kCPU);
  at::Tensor tokens = at::ones({2, 3, 16});
  tokens[1][2].fill_(9);
  const at::Tensor mask = at::tensor({1, 1, 0}).expand({2, 3});
  const at::Tensor masked = PredictLayout(head, tokens, mask);
  ASSERT_EQ(masked.sizes(), (std::vector<int64_t>{2, 7, kLayoutRows, 4}));
  EXPECT_TRUE(at::equal(masked[0], masked[1]));
  const at::Tensor all = PredictLayout(head, tokens, {});
  EXPECT_FALSE(at::allclose(all[0], all[1]));
  EXPECT_TRUE(at::allclose(all[0], masked[0]));
}

TEST(LayoutHeadTest, DrawsColorsWhereTheyAre) {
  at::Tensor layout = at::zeros({1, kLayoutRows, 4});
  layout[0][9].copy_(at::tensor({0.5f, -1.0f, 1.0f, 2.0f}));
  const at::Tensor picture = DrawLayout(layout, 64);
  ASSERT_EQ(picture.sizes(), (std::vector<int64_t>{1, 3, 64, 64}));
  EXPECT_EQ(picture[0][0][8][15].item<float>(), 0.5f);
  EXPECT_EQ(picture[0][1][15][8].item<float>(), -1);
  EXPECT_EQ(picture[0][2][7][8].item<float>(), 0);
}

}  // namespace
}  // namespace ella
