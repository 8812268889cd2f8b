// Grids on disk.
#pragma once

#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "image/png_codec.h"

namespace ella {

// Each picture in a grey of its own: 0, 50, 100, 150.
inline RgbImage GridOf(int side) {
  RgbImage grid{2 * side, 2 * side, {}};
  for (int y = 0; y < 2 * side; ++y) {
    for (int x = 0; x < 2 * side; ++x) {
      const auto grey =
          static_cast<uint8_t>(100 * (y / side) + 50 * (x / side));
      grid.pixels.insert(grid.pixels.end(), 3, grey);
    }
  }
  return grid;
}

inline void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline void WriteGrid(const std::string& path, int side) {
  const auto png = EncodePng(GridOf(side), {});
  ASSERT_TRUE(png.ok()) << png.status();
  WriteBytes(path, *png);
}

}  // namespace ella
