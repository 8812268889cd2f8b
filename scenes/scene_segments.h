// Finds the background and the objects on it in a picture of the demo world.
#pragma once

#include <optional>
#include <vector>

#include "model/api/types.h"
#include "scenes/scene.h"

namespace ella {

// One object's pixels, cut out of the picture.
struct Patch {
  Color color = Color::kRed;
  int left = 0;  // of the cut, in pixels of the picture
  int top = 0;
  int width = 0;
  int height = 0;
  // How much of each pixel is the object's, 0 to 1, in rows of `width`.
  std::vector<float> coverage;
};

struct SceneSegments {
  std::optional<Background> background;
  std::vector<Patch> patches;  // none without a background
};

// Specks of less than 1/170 of the picture are left out.
SceneSegments FindSegments(const RgbImage& image);

}  // namespace ella
