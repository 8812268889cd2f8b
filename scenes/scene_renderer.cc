#include "scenes/scene_renderer.h"

#include <algorithm>
#include <cmath>

#include "scenes/shape_geometry.h"

namespace ella {
namespace {

void Draw(const SceneObject& object, RgbImage& image) {
  const int side = image.width;
  const Rgb color = ColorRgb(object.color);
  const float x = object.x * side;
  const float y = object.y * side;
  const float radius = SizeRadius(object.size) * side;
  const auto first = [radius](float center) {
    return std::max(0, static_cast<int>(std::floor(center - radius)));
  };
  const auto end = [radius, side](float center) {
    return std::min(side, static_cast<int>(std::ceil(center + radius)));
  };
  for (int row = first(y); row < end(y); ++row) {
    for (int column = first(x); column < end(x); ++column) {
      const float part = ShapeCoverage(object.shape, x, y, radius, column, row);
      uint8_t* pixel = &image.pixels[3 * (row * side + column)];
      for (int i = 0; i < 3; ++i) {
        pixel[i] = static_cast<uint8_t>(
            std::lround(pixel[i] + part * (color[i] - pixel[i])));
      }
    }
  }
}

}  // namespace

RgbImage Render(const Scene& scene, int side) {
  RgbImage image;
  image.width = side;
  image.height = side;
  const Rgb background = BackgroundRgb(scene.background);
  image.pixels.reserve(3 * side * side);
  for (int i = 0; i < side * side; ++i) {
    image.pixels.insert(image.pixels.end(), background.begin(),
                        background.end());
  }
  for (const SceneObject& object : scene.objects) Draw(object, image);
  return image;
}

}  // namespace ella
