// PNG files by libpng, with text chunks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/api/types.h"

namespace ella {

// A tEXt chunk, or an iTXt one where the value is not Latin-1. The value is
// UTF-8 without NUL. The key has 1 to 79 printable ASCII characters, and no
// space at its ends or beside another; one that was read may be other Latin-1,
// as UTF-8.
struct PngText {
  std::string key;
  std::string value;

  friend bool operator==(const PngText&, const PngText&) = default;
};

// Equal input gives equal bytes. InvalidArgument for pixels that don't fit the
// size, and for a text that isn't as above. Thread-safe.
absl::StatusOr<std::string> EncodePng(const RgbImage& image,
                                      const std::vector<PngText>& texts);

struct DecodedPng {
  RgbImage image;
  std::vector<PngText> texts;
};

// InvalidArgument for anything that isn't a whole PNG, and above 64 megapixels.
// Grey, palette, 16-bit and alpha images come as 8-bit RGB. Thread-safe.
absl::StatusOr<DecodedPng> DecodePng(std::string_view bytes);

}  // namespace ella
