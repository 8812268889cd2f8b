#include "scenes/scene_renderer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "scenes/shape_geometry.h"

namespace ella {
namespace {

Rgb PixelAt(const RgbImage& image, int x, int y) {
  const uint8_t* pixel = &image.pixels[3 * (y * image.width + x)];
  return {pixel[0], pixel[1], pixel[2]};
}

SceneObject Object(Shape shape, Color color, Size size, float x, float y) {
  return {shape, color, size, x, y};
}

TEST(SceneRendererTest, ColorsAreWhereTheObjectsAre) {
  Scene scene;
  scene.background = Background::kPink;
  scene.objects = {
      Object(Shape::kSquare, Color::kRed, Size::kLarge, 0.25f, 0.25f),
      Object(Shape::kRing, Color::kBlue, Size::kSmall, 0.75f, 0.5f)};
  for (const int side : {64, 96, 128}) {
    const RgbImage image = Render(scene, side);
    EXPECT_EQ(image.width, side);
    EXPECT_EQ(image.height, side);
    ASSERT_EQ(image.pixels.size(), 3u * side * side);
    EXPECT_EQ(PixelAt(image, side / 4, side / 4), ColorRgb(Color::kRed));
    EXPECT_EQ(PixelAt(image, side * 3 / 4, side / 2),
              BackgroundRgb(Background::kPink));
    EXPECT_EQ(PixelAt(image, side * 53 / 64, side / 2), ColorRgb(Color::kBlue));
    EXPECT_EQ(PixelAt(image, side - 1, side - 1),
              BackgroundRgb(Background::kPink));
  }
}

TEST(SceneRendererTest, EachShapeCoversItsArea) {
  for (const Shape shape : kShapes) {
    for (const Size size : kSizes) {
      Scene scene;
      scene.background = Background::kBlack;
      scene.objects = {Object(shape, Color::kWhite, size, 0.47f, 0.52f)};
      const RgbImage image = Render(scene, 64);
      double sum = 0;
      for (const uint8_t value : image.pixels) sum += (value - 10) / 245.0;
      const double radius = SizeRadius(size) * 64;
      const double expected = ShapeArea(shape) * radius * radius;
      EXPECT_NEAR(sum / 3, expected, 0.03 * expected) << ShapeName(shape);
    }
  }
}

TEST(SceneRendererTest, AnObjectAtTheEdgeIsCutOff) {
  Scene scene;
  scene.objects = {Object(Shape::kCircle, Color::kGreen, Size::kLarge, 0, 1)};
  const RgbImage image = Render(scene, 64);
  EXPECT_EQ(PixelAt(image, 0, 63), ColorRgb(Color::kGreen));
  EXPECT_EQ(PixelAt(image, 63, 0), BackgroundRgb(Background::kGray));
}

}  // namespace
}  // namespace ella
