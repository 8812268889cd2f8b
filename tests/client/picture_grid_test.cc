#include "client/picture_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

namespace ella {
namespace {

using ::testing::HasSubstr;

// Its bytes count up from `first`.
RgbImage Counting(int width, int height, uint8_t first) {
  RgbImage image{width, height, {}};
  image.pixels.resize(size_t{3} * width * height);
  std::iota(image.pixels.begin(), image.pixels.end(), first);
  return image;
}

// Whether each byte of the grid is that of the cell below it, or black.
void ExpectCells(const RgbImage& grid, const std::vector<RgbImage>& cells,
                 const GridLayout& layout) {
  const int width = cells[0].width;
  const int height = cells[0].height;
  for (int y = 0; y < grid.height; ++y) {
    for (int x = 0; x < grid.width; ++x) {
      const int cell_x = x % (width + layout.gutter) - layout.gutter;
      const int cell_y = y % (height + layout.gutter) - layout.gutter;
      const size_t cell = x / (width + layout.gutter) +
                          layout.columns * (y / (height + layout.gutter));
      const bool black = cell_x < 0 || cell_y < 0 || cell >= cells.size();
      for (int channel = 0; channel < 3; ++channel) {
        const int expected =
            black ? 0
                  : cells[cell].pixels[3 * (width * cell_y + cell_x) + channel];
        ASSERT_EQ(grid.pixels[3 * (grid.width * y + x) + channel], expected)
            << x << ", " << y;
      }
    }
  }
}

TEST(PictureGridTest, ThreeInARowWithGutters) {
  const std::vector<RgbImage> cells = {Counting(5, 3, 1), Counting(5, 3, 60),
                                       Counting(5, 3, 120)};
  const GridLayout layout = {.columns = 3, .gutter = 2};
  const absl::StatusOr<RgbImage> grid = MakeGrid(cells, layout);
  ASSERT_TRUE(grid.ok()) << grid.status();
  EXPECT_EQ(grid->width, 3 * 5 + 8);
  EXPECT_EQ(grid->height, 3 + 4);
  ExpectCells(*grid, cells, layout);
}

TEST(PictureGridTest, ReferenceSize) {
  const std::vector<RgbImage> cells(3, Counting(512, 512, 0));
  const auto grid = MakeGrid(cells, {.columns = 3, .gutter = 2});
  EXPECT_EQ(grid->width, 1544);
  EXPECT_EQ(grid->height, 516);
}

TEST(PictureGridTest, RowsGoDownwardsWithoutPadding) {
  const std::vector<RgbImage> cells = {Counting(2, 2, 1), Counting(2, 2, 50),
                                       Counting(2, 2, 100),
                                       Counting(2, 2, 150)};
  const GridLayout layout = {.columns = 2, .rows = 2};
  const absl::StatusOr<RgbImage> grid = MakeGrid(cells, layout);
  ASSERT_TRUE(grid.ok()) << grid.status();
  EXPECT_EQ(grid->width, 4);
  EXPECT_EQ(grid->height, 4);
  ExpectCells(*grid, cells, layout);
}

TEST(PictureGridTest, CellsWithoutPictureAreBlack) {
  const std::vector<RgbImage> cells = {Counting(2, 2, 1)};
  const GridLayout layout = {.columns = 2, .rows = 2};
  const absl::StatusOr<RgbImage> grid = MakeGrid(cells, layout);
  ASSERT_TRUE(grid.ok()) << grid.status();
  EXPECT_EQ(grid->pixels.size(), size_t{4 * 4 * 3});
  ExpectCells(*grid, cells, layout);
}

TEST(PictureGridTest, RefusesWhatDoesNotFit) {
  const GridLayout layout = {.columns = 2};
  EXPECT_TRUE(absl::IsInvalidArgument(MakeGrid({}, layout).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      MakeGrid(std::vector<RgbImage>(3, Counting(2, 2, 0)), layout).status()));
  const absl::Status status =
      MakeGrid({Counting(2, 2, 0), Counting(2, 3, 0)}, layout).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("2x2 and 2x3"));
}

}  // namespace
}  // namespace ella
