#include "scenes/shape_geometry.h"

#include <algorithm>
#include <cmath>

namespace ella {
namespace {

constexpr float kHalfSquare = 0.7071f;  // half the side
constexpr float kRingHole = 0.55f;      // radius
constexpr float kCrossArm = 0.3f;       // half the width of an arm
constexpr float kCrossReach = 0.954f;   // half the length of an arm
constexpr float kStarNotch = 0.45f;     // radius of the inner corners
constexpr float kSin36 = 0.58778525f;   // of 36 degrees
constexpr float kCos36 = 0.80901699f;

// Folds the plane into the half of the upper point that lies between its tip at
// 0,1 and the inner corner 36 degrees on, where one straight edge remains. y
// up.
bool StarContains(float x, float y) {
  for (int i = 0; i < 2; ++i) {
    x = std::abs(x);
    const float beyond = std::max(0.0f, kCos36 * x - kSin36 * y);
    x -= 2 * beyond * kCos36;
    y += 2 * beyond * kSin36;
  }
  x = std::abs(x);
  return (1 - y) * kStarNotch * kSin36 >= x * (1 - kStarNotch * kCos36);
}

}  // namespace

bool ShapeContains(Shape shape, float x, float y) {
  const float square = x * x + y * y;
  if (square > 1) return false;
  const float across = std::abs(x);
  const float down = std::abs(y);
  switch (shape) {
    case Shape::kCircle:
      return true;
    case Shape::kSquare:
      return std::max(across, down) <= kHalfSquare;
    case Shape::kTriangle:
      // Equilateral, upright: tip at 0,-1, base at y = 0.5.
      return y <= 0.5f && across * std::sqrt(3.0f) <= 1 + y;
    case Shape::kStar:
      return StarContains(x, -y);
    case Shape::kCross:
      return std::min(across, down) <= kCrossArm &&
             std::max(across, down) <= kCrossReach;
    case Shape::kRing:
      break;
  }
  return square >= kRingHole * kRingHole;
}

float ShapeArea(Shape shape) {
  constexpr float kPi = 3.14159265f;
  switch (shape) {
    case Shape::kCircle:
      return kPi;
    case Shape::kSquare:
      return 4 * kHalfSquare * kHalfSquare;
    case Shape::kTriangle:
      return 0.75f * std::sqrt(3.0f);
    case Shape::kStar:
      return 5 * kStarNotch * kSin36;
    case Shape::kCross:
      return 8 * kCrossArm * kCrossReach - 4 * kCrossArm * kCrossArm;
    case Shape::kRing:
      break;
  }
  return kPi * (1 - kRingHole * kRingHole);
}

float ShapeCoverage(Shape shape, float center_x, float center_y, float radius,
                    int pixel_x, int pixel_y) {
  constexpr int kSamples = 4;  // along one side of the pixel
  int inside = 0;
  for (int i = 0; i < kSamples; ++i) {
    for (int j = 0; j < kSamples; ++j) {
      const float x = pixel_x + (j + 0.5f) / kSamples;
      const float y = pixel_y + (i + 0.5f) / kSamples;
      inside += ShapeContains(shape, (x - center_x) / radius,
                              (y - center_y) / radius);
    }
  }
  return static_cast<float>(inside) / (kSamples * kSamples);
}

}  // namespace ella
