#include "client/picture_grid.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ella {
namespace {

// Puts the picture's top left corner at (left, top).
void Paste(const RgbImage& picture, int left, int top, RgbImage* grid) {
  const size_t row_bytes = size_t{3} * picture.width;
  for (int y = 0; y < picture.height; ++y) {
    std::copy_n(picture.pixels.begin() + row_bytes * y, row_bytes,
                grid->pixels.begin() +
                    3 * (size_t{1} * grid->width * (top + y) + left));
  }
}

}  // namespace

absl::StatusOr<RgbImage> MakeGrid(const std::vector<RgbImage>& pictures,
                                  const GridLayout& layout) {
  const size_t cells = size_t{1} * layout.columns * layout.rows;
  if (pictures.empty() || pictures.size() > cells) {
    return absl::InvalidArgumentError(
        absl::StrCat("a grid of ", cells, " cells can't hold ", pictures.size(),
                     " pictures"));
  }
  const int width = pictures[0].width;
  const int height = pictures[0].height;
  for (const RgbImage& picture : pictures) {
    if (picture.width != width || picture.height != height) {
      return absl::InvalidArgumentError(absl::StrCat(
          "pictures of one grid must have one size, were ", width, "x", height,
          " and ", picture.width, "x", picture.height));
    }
  }
  const int gutter = layout.gutter;
  RgbImage grid;
  grid.width = layout.columns * (width + gutter) + gutter;
  grid.height = layout.rows * (height + gutter) + gutter;
  grid.pixels.resize(size_t{3} * grid.width * grid.height);
  for (size_t i = 0; i < pictures.size(); ++i) {
    const int column = static_cast<int>(i) % layout.columns;
    const int row = static_cast<int>(i) / layout.columns;
    Paste(pictures[i], gutter + column * (width + gutter),
          gutter + row * (height + gutter), &grid);
  }
  return grid;
}

}  // namespace ella
