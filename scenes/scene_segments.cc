#include "scenes/scene_segments.h"

#include <algorithm>
#include <array>

namespace ella {
namespace {

using Vector = std::array<float, 3>;

Vector ToVector(const uint8_t* rgb) {
  return {static_cast<float>(rgb[0]), static_cast<float>(rgb[1]),
          static_cast<float>(rgb[2])};
}

Vector operator-(const Vector& a, const Vector& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

float Dot(const Vector& a, const Vector& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

float SquaredDistance(const Vector& a, const Vector& b) {
  return Dot(a - b, a - b);
}

struct Ground {
  Background background;
  Vector color;  // the mean of its pixels
};

// The background that most pixels are nearest to, of all colours.
std::optional<Ground> FindGround(const RgbImage& image) {
  constexpr float kMinPart = 0.25f;
  std::array<Vector, kBackgrounds.size()> sums = {};
  std::array<int, kBackgrounds.size()> counts = {};
  const int pixels = image.width * image.height;
  for (int i = 0; i < pixels; ++i) {
    const Vector pixel = ToVector(&image.pixels[3 * i]);
    size_t nearest = 0;
    float least = 1e9f;
    for (size_t j = 0; j < kBackgrounds.size(); ++j) {
      const float distance = SquaredDistance(
          pixel, ToVector(BackgroundRgb(kBackgrounds[j]).data()));
      if (distance < least) nearest = j, least = distance;
    }
    const bool object = std::any_of(
        kColors.begin(), kColors.end(), [&pixel, least](Color color) {
          return SquaredDistance(pixel, ToVector(ColorRgb(color).data())) <
                 least;
        });
    if (object) continue;
    ++counts[nearest];
    for (int k = 0; k < 3; ++k) sums[nearest][k] += pixel[k];
  }
  const size_t best =
      std::max_element(counts.begin(), counts.end()) - counts.begin();
  if (counts[best] < kMinPart * pixels) return std::nullopt;
  Vector mean = sums[best];
  for (float& channel : mean) channel /= counts[best];
  return Ground{kBackgrounds[best], mean};
}

// A pixel as a mix of the background and one colour.
struct Mix {
  Color color;
  float part;  // of the colour, 0 to 1
};

float PartOf(const Vector& pixel, const Vector& ground, const Vector& color) {
  const Vector way = color - ground;
  return std::clamp(Dot(pixel - ground, way) / Dot(way, way), 0.0f, 1.0f);
}

Mix NearestMix(const Vector& pixel, const Vector& ground) {
  Mix best{Color::kRed, 0};
  // Most pixels: a half of any colour is farther off.
  constexpr float kNear = 30;
  if (SquaredDistance(pixel, ground) < kNear * kNear) return best;
  float least = 1e9f;
  for (const Color candidate : kColors) {
    const Vector color = ToVector(ColorRgb(candidate).data());
    const float part = PartOf(pixel, ground, color);
    Vector mixed = ground;
    for (int i = 0; i < 3; ++i) mixed[i] += part * (color[i] - ground[i]);
    const float distance = SquaredDistance(pixel, mixed);
    if (distance < least) best = {candidate, part}, least = distance;
  }
  return best;
}

// Connected pixels that are mostly of one colour.
class Regions {
 public:
  Regions(const RgbImage& image, const Vector& ground)
      : image_(image), ground_(ground), region_(image.width * image.height) {
    for (int i = 0; i < image.width * image.height; ++i) {
      mixes_.push_back(NearestMix(ToVector(&image.pixels[3 * i]), ground));
    }
  }

  std::vector<Patch> FindPatches() {
    const size_t min_pixels = region_.size() / 170;
    std::vector<std::vector<int>> large;
    for (int i = 0; i < static_cast<int>(region_.size()); ++i) {
      if (mixes_[i].part < 0.5f || region_[i] != kNone) continue;
      std::vector<int> pixels = Fill(i);
      if (pixels.size() >= min_pixels) {
        large.push_back(std::move(pixels));
        continue;
      }
      // Part of the edge of another, or a speck.
      for (const int pixel : pixels) region_[pixel] = kSmall;
    }
    std::vector<Patch> patches;
    for (const std::vector<int>& pixels : large) patches.push_back(Cut(pixels));
    return patches;
  }

 private:
  static constexpr int kNone = 0;
  static constexpr int kSmall = -1;

  // Marks and returns the region that the pixel belongs to.
  std::vector<int> Fill(int start) {
    const int id = ++last_id_;
    std::vector<int> pixels = {start};
    region_[start] = id;
    for (size_t i = 0; i < pixels.size(); ++i) {
      const int x = pixels[i] % image_.width;
      const int y = pixels[i] / image_.width;
      const auto visit = [&](int next_x, int next_y) {
        if (!Inside(next_x, next_y)) return;
        const int next = next_y * image_.width + next_x;
        if (region_[next] != kNone || mixes_[next].part < 0.5f ||
            mixes_[next].color != mixes_[start].color) {
          return;
        }
        region_[next] = id;
        pixels.push_back(next);
      };
      visit(x - 1, y);
      visit(x + 1, y);
      visit(x, y - 1);
      visit(x, y + 1);
    }
    return pixels;
  }

  bool Inside(int x, int y) const {
    return x >= 0 && x < image_.width && y >= 0 && y < image_.height;
  }

  // The region and the pixels around it that no other has, since those may be
  // partly its own.
  Patch Cut(const std::vector<int>& pixels) const {
    int left = image_.width, right = 0, top = image_.height, bottom = 0;
    for (const int pixel : pixels) {
      const int x = pixel % image_.width;
      const int y = pixel / image_.width;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
    Patch patch;
    patch.color = mixes_[pixels[0]].color;
    patch.left = left - 1;
    patch.top = top - 1;
    patch.width = right - left + 3;
    patch.height = bottom - top + 3;
    patch.coverage.resize(patch.width * patch.height);
    const Vector color = ToVector(ColorRgb(patch.color).data());
    const int id = region_[pixels[0]];
    for (const int pixel : pixels) {
      const int x = pixel % image_.width;
      const int y = pixel / image_.width;
      for (int near_y = y - 1; near_y <= y + 1; ++near_y) {
        for (int near_x = x - 1; near_x <= x + 1; ++near_x) {
          if (!Inside(near_x, near_y)) continue;
          const int near = near_y * image_.width + near_x;
          if (region_[near] > kNone && region_[near] != id) continue;
          patch.coverage[(near_y - patch.top) * patch.width + near_x -
                         patch.left] =
              PartOf(ToVector(&image_.pixels[3 * near]), ground_, color);
        }
      }
    }
    return patch;
  }

  const RgbImage& image_;
  const Vector ground_;
  std::vector<Mix> mixes_;   // by pixel
  std::vector<int> region_;  // by pixel: kNone, kSmall or an id
  int last_id_ = kNone;
};

}  // namespace

SceneSegments FindSegments(const RgbImage& image) {
  SceneSegments segments;
  const std::optional<Ground> ground = FindGround(image);
  if (!ground) return segments;
  segments.background = ground->background;
  segments.patches = Regions(image, ground->color).FindPatches();
  return segments;
}

}  // namespace ella
