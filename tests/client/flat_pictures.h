// Pictures of one colour that tells what was asked for.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "client/picture_grid.h"
#include "image/png_codec.h"
#include "model/api/types.h"
#include "tests/client/fake_service.h"

namespace ella {

using Rgb = std::array<uint8_t, 3>;

// Of conditioning, seed plus index, and prompt.
Rgb FlatColor(const v1::GenerateRequest& request, uint32_t index);

// What a server would draw, as PNGs.
FakeService::Script DrawFlat();

// The pixel at column x of row y.
Rgb PixelOf(const RgbImage& image, int x, int y);

// Reads a PNG file; fails the test where it is none.
DecodedPng ReadPng(const std::string& path);

// The value of the PNG's text chunk; "none" where it has none such.
std::string TextOf(const DecodedPng& png, const std::string& key);

}  // namespace ella
