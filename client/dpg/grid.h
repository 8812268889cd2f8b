// The pictures of one prompt in one file.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "model/api/types.h"

namespace ella {

inline constexpr int kGridCrops = 4;

// A PNG of 2 * side x 2 * side pixels: four pictures without padding between
// them. The error says what is wrong with the file.
absl::StatusOr<RgbImage> ReadGrid(const std::string& path, int side);

struct CropCorner {
  int x = 0;
  int y = 0;
};

// Of crop 0 to 3: top left, top right, bottom left, bottom right.
CropCorner CornerOfCrop(int crop, int side);

RgbImage CropOf(const RgbImage& grid, int crop, int side);

}  // namespace ella
