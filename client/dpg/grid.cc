#include "client/dpg/grid.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/dpg/read_bytes.h"
#include "image/png_codec.h"

namespace ella {

absl::StatusOr<RgbImage> ReadGrid(const std::string& path, int side) {
  const absl::StatusOr<std::string> bytes = ReadBytes(path);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<DecodedPng> png = DecodePng(*bytes);
  if (!png.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(png.status().message(),
                     " (only PNG is read; other formats need converting)"));
  }
  if (png->image.width != 2 * side || png->image.height != 2 * side) {
    return absl::InvalidArgumentError(
        absl::StrCat("the image must be a 2x2 grid of ", side, "x", side,
                     " pictures, that is ", 2 * side, "x", 2 * side, ", was ",
                     png->image.width, "x", png->image.height));
  }
  return std::move(png->image);
}

CropCorner CornerOfCrop(int crop, int side) {
  return {crop % 2 * side, crop / 2 * side};
}

RgbImage CropOf(const RgbImage& grid, int crop, int side) {
  const CropCorner corner = CornerOfCrop(crop, side);
  RgbImage image{side, side, {}};
  image.pixels.reserve(size_t{3} * side * side);
  for (int y = corner.y; y < corner.y + side; ++y) {
    const auto row =
        grid.pixels.begin() + 3 * (size_t{1} * y * grid.width + corner.x);
    image.pixels.insert(image.pixels.end(), row, row + 3 * side);
  }
  return image;
}

}  // namespace ella
