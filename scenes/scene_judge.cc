#include "scenes/scene_judge.h"

#include <algorithm>
#include <cmath>

#include "scenes/scene_segments.h"
#include "scenes/shape_geometry.h"

namespace ella {
namespace {

// Large pictures are judged at 64 to 127 pixels a side: each pixel there is the
// mean of `block` times `block`.
RgbImage Shrink(const RgbImage& image, int block) {
  RgbImage small;
  small.width = image.width / block;
  small.height = image.height / block;
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        int sum = 0;
        for (int i = 0; i < block * block; ++i) {
          const int row = y * block + i / block;
          const int column = x * block + i % block;
          sum += image.pixels[3 * (row * image.width + column) + channel];
        }
        small.pixels.push_back(static_cast<uint8_t>(sum / (block * block)));
      }
    }
  }
  return small;
}

struct Fit {
  Shape shape = Shape::kCircle;
  float radius = 0;  // in pixels of the patch
  float overlap = 0;
};

// What the patch would be if it were that shape. All in pixels of the patch.
std::vector<float> DrawLike(const Patch& patch, Shape shape, float center_x,
                            float center_y, float radius) {
  std::vector<float> drawn;
  for (int y = 0; y < patch.height; ++y) {
    for (int x = 0; x < patch.width; ++x) {
      drawn.push_back(ShapeCoverage(shape, center_x, center_y, radius, x, y));
    }
  }
  return drawn;
}

// Weights 1, 2, 1 along rows and columns; 0 beyond the border.
std::vector<float> Blur(const std::vector<float>& values, int width) {
  std::vector<float> blurred = values;
  const auto pass = [&blurred, width](int stride) {
    const std::vector<float> sharp = blurred;
    const int count = static_cast<int>(sharp.size());
    for (int i = 0; i < count; ++i) {
      const int place = stride == 1 ? i % width : i / width;
      const int last = stride == 1 ? width - 1 : count / width - 1;
      const float before = place > 0 ? sharp[i - stride] : 0;
      const float after = place < last ? sharp[i + stride] : 0;
      blurred[i] = (before + 2 * sharp[i] + after) / 4;
    }
  };
  pass(1);
  pass(width);
  return blurred;
}

// Intersection over union.
float Overlap(const std::vector<float>& a, const std::vector<float>& b) {
  float both = 0;
  float either = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    both += std::min(a[i], b[i]);
    either += std::max(a[i], b[i]);
  }
  return both / either;
}

// The shape of the patch's own area and centre that covers it best, drawn sharp
// or as a blurred picture would have it. The centre of mass of every shape is
// its centre.
Fit BestFit(const Patch& patch, float area, float center_x, float center_y) {
  constexpr int kBlurs = 3;
  Fit best;
  for (const Shape shape : kShapes) {
    const float radius = std::sqrt(area / ShapeArea(shape));
    std::vector<float> drawn =
        DrawLike(patch, shape, center_x, center_y, radius);
    for (int i = 0; i < kBlurs; ++i) {
      if (i > 0) drawn = Blur(drawn, patch.width);
      const float overlap = Overlap(patch.coverage, drawn);
      if (overlap > best.overlap) best = {shape, radius, overlap};
    }
  }
  return best;
}

// `scale`: pixels of the patch's picture in the side.
std::optional<SceneObject> Recognize(const Patch& patch, float scale) {
  constexpr float kMinOverlap = 0.75f;
  float area = 0;
  float sum_x = 0;
  float sum_y = 0;
  for (int y = 0; y < patch.height; ++y) {
    for (int x = 0; x < patch.width; ++x) {
      const float part = patch.coverage[y * patch.width + x];
      area += part;
      sum_x += part * (x + 0.5f);
      sum_y += part * (y + 0.5f);
    }
  }
  const float center_x = sum_x / area;
  const float center_y = sum_y / area;
  const Fit fit = BestFit(patch, area, center_x, center_y);
  if (fit.overlap < kMinOverlap) return std::nullopt;
  const float between =
      std::sqrt(SizeRadius(Size::kSmall) * SizeRadius(Size::kLarge));
  SceneObject object;
  object.shape = fit.shape;
  object.color = patch.color;
  object.size = fit.radius / scale < between ? Size::kSmall : Size::kLarge;
  object.x = (patch.left + center_x) / scale;
  object.y = (patch.top + center_y) / scale;
  return object;
}

}  // namespace

SceneObservation Observe(const RgbImage& image) {
  const int block = std::max(1, image.width / 64);
  const SceneSegments segments = FindSegments(Shrink(image, block));
  SceneObservation observation;
  observation.background = segments.background;
  const float scale = static_cast<float>(image.width) / block;
  for (const Patch& patch : segments.patches) {
    if (const auto object = Recognize(patch, scale)) {
      observation.objects.push_back(*object);
    } else {
      ++observation.unclear;
    }
  }
  return observation;
}

}  // namespace ella
