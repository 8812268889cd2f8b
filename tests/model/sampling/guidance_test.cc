#include "model/sampling/guidance.h"

#include <gtest/gtest.h>

namespace ella {
namespace {

TEST(GuidanceTest, GoesFromNegativeThroughPositive) {
  const at::Tensor negative = at::tensor({1.f, 2.f});
  const at::Tensor positive = at::tensor({2.f, 0.f});
  EXPECT_TRUE(Guide(negative, positive, 0).equal(negative));
  EXPECT_TRUE(Guide(negative, positive, 1).equal(positive));
  EXPECT_TRUE(Guide(negative, positive, 7.5).equal(at::tensor({8.5f, -13.f})));
}

TEST(GuidanceTest, ComputesInFloat32) {
  const at::Tensor negative = at::full({1}, 1, at::kHalf);
  const at::Tensor positive = at::full({1}, 1.0009765625, at::kHalf);
  const at::Tensor eps = Guide(negative, positive, 2.5);
  EXPECT_EQ(eps.scalar_type(), at::kFloat);
  EXPECT_EQ(eps.item<float>(), 1.00244140625f);
}

}  // namespace
}  // namespace ella
