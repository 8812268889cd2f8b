#include "scenes/scene.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "scenes/shape_geometry.h"

namespace ella {
namespace {

TEST(SceneTest, AnyTwoColorsAreFarApart) {
  std::vector<Rgb> all;
  for (const Color color : kColors) all.push_back(ColorRgb(color));
  for (const Background it : kBackgrounds) all.push_back(BackgroundRgb(it));
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const double distance = std::hypot(
          all[i][0] - all[j][0], all[i][1] - all[j][1], all[i][2] - all[j][2]);
      EXPECT_GE(distance, 100) << i << " and " << j;
    }
  }
}

TEST(SceneTest, EveryValueHasAWordOfItsOwn) {
  std::set<std::string> words;
  for (const Shape shape : kShapes) {
    words.insert(ShapeName(shape));
    words.insert(ShapePlural(shape));
  }
  for (const Color color : kColors) words.insert(ColorName(color));
  for (const Background it : kBackgrounds) words.insert(BackgroundName(it));
  for (const Size size : kSizes) words.insert(SizeName(size));
  for (int count = 1; count <= 5; ++count) words.insert(CountName(count));
  EXPECT_EQ(words.size(), 2 * 6 + 7 + 5 + 2 + 5);
}

TEST(ShapeGeometryTest, AreaAndCentreAreThoseOfThePoints) {
  constexpr int kSteps = 500;
  for (const Shape shape : kShapes) {
    double area = 0;
    double sum_x = 0;
    double sum_y = 0;
    double reach = 0;
    for (int i = 0; i < kSteps; ++i) {
      for (int j = 0; j < kSteps; ++j) {
        const float x = (j + 0.5f) * 2.2f / kSteps - 1.1f;
        const float y = (i + 0.5f) * 2.2f / kSteps - 1.1f;
        if (!ShapeContains(shape, x, y)) continue;
        const double cell = 2.2 * 2.2 / kSteps / kSteps;
        area += cell;
        sum_x += cell * x;
        sum_y += cell * y;
        reach = std::max<double>(reach, std::hypot(x, y));
      }
    }
    SCOPED_TRACE(ShapeName(shape));
    EXPECT_NEAR(area, ShapeArea(shape), 0.01);
    EXPECT_NEAR(sum_x / area, 0, 0.003);
    EXPECT_NEAR(sum_y / area, 0, 0.003);
    EXPECT_NEAR(reach, 1, 0.02);
  }
}

TEST(ShapeGeometryTest, TipsAreUp) {
  for (const Shape shape : {Shape::kTriangle, Shape::kStar}) {
    EXPECT_TRUE(ShapeContains(shape, 0, -0.95f));
    EXPECT_FALSE(ShapeContains(shape, 0, 0.95f));
  }
  EXPECT_FALSE(ShapeContains(Shape::kRing, 0, 0));
  EXPECT_FALSE(ShapeContains(Shape::kCross, 0.5f, 0.5f));
}

TEST(ShapeGeometryTest, CoverageOfAPixelAtTheEdgeIsPartial) {
  EXPECT_EQ(ShapeCoverage(Shape::kSquare, 8, 8, 5, 7, 7), 1);
  EXPECT_EQ(ShapeCoverage(Shape::kSquare, 8, 8, 5, 1, 7), 0);
  // The right side is at 8 + 0.7071 * 5 = 11.54.
  EXPECT_EQ(ShapeCoverage(Shape::kSquare, 8, 8, 5, 11, 7), 0.5f);
}

}  // namespace
}  // namespace ella
