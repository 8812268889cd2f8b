// Several pictures as one.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "model/api/types.h"

namespace ella {

struct GridLayout {
  int columns = 1;
  int rows = 1;
  // Pixels of black between cells, and around all of them.
  int gutter = 0;
};

// Cells from left to right, then downwards; those without a picture are black.
// InvalidArgument where there is no picture, or more than cells, or the sizes
// differ.
absl::StatusOr<RgbImage> MakeGrid(const std::vector<RgbImage>& pictures,
                                  const GridLayout& layout);

}  // namespace ella
