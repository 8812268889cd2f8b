#include "image/png_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>
#include <zlib.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ella {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

RgbImage Noise(int width, int height) {
  RgbImage image{width, height, {}};
  std::mt19937 random(7);
  image.pixels.resize(size_t{3} * width * height);
  for (uint8_t& value : image.pixels) value = random() & 0xFF;
  return image;
}

std::string BigEndian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(value >> shift));
  }
  return bytes;
}

std::string Chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const uint32_t crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
  return BigEndian(data.size()) + body + BigEndian(crc);
}

// A file that says it is this large, and ends after `chunks`.
std::string FileOf(uint32_t width, uint32_t height, const std::string& chunks) {
  return "\x89PNG\r\n\x1a\n" +
         Chunk("IHDR", BigEndian(width) + BigEndian(height) +
                           std::string("\x08\x02\0\0\0", 5)) +
         chunks;
}

std::string Deflated(const std::string& data) {
  uLongf size = compressBound(data.size());
  std::string out(size, 0);
  compress(reinterpret_cast<Bytef*>(out.data()), &size,
           reinterpret_cast<const Bytef*>(data.data()), data.size());
  out.resize(size);
  return out;
}

// The pixels of a black 1x1 image, and the end of its file.
std::string OnePixel() {
  return Chunk("IDAT", Deflated(std::string(4, 0))) + Chunk("IEND", "");
}

// What DecodePng says against the file.
std::string Refusal(const std::string& bytes) {
  const absl::Status status = DecodePng(bytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

// A file of libpng's simplified API, in one of its formats.
std::string Foreign(int format, int width, int height,
                    const std::vector<uint8_t>& pixels) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = format;
  png_alloc_size_t size = 0;
  png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), 0,
                            nullptr);
  std::string bytes(size, 0);
  EXPECT_TRUE(png_image_write_to_memory(&image, bytes.data(), &size, 0,
                                        pixels.data(), 0, nullptr));
  bytes.resize(size);
  return bytes;
}

TEST(PngCodecTest, PixelsAndTextsComeBack) {
  const std::vector<PngText> texts = {
      {"ascii", "a fox"},
      {"empty", ""},
      {"latin1", "caf\u00e9, \u00ff"},
      {"unicode", "\u72d0\u72f8 \U0001F98A and \u0100"},
      {"lines", "one\ntwo\r\n\tthree\n"},
      {"long", std::string(100'000, 'p')},
      {"long_unicode", absl::StrCat(std::string(100'000, 'p'), "\u72d0")},
  };
  for (const auto& [width, height] : {std::pair{1, 1}, {5, 3}, {64, 129}}) {
    const RgbImage image = Noise(width, height);
    const absl::StatusOr<std::string> bytes = EncodePng(image, texts);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    const absl::StatusOr<DecodedPng> png = DecodePng(*bytes);
    ASSERT_TRUE(png.ok()) << png.status();
    EXPECT_EQ(png->image.width, width);
    EXPECT_EQ(png->image.height, height);
    EXPECT_EQ(png->image.pixels, image.pixels);
    EXPECT_EQ(png->texts, texts);
  }
}

TEST(PngCodecTest, Latin1GoesAsTextTheRestAsInternationalText) {
  const RgbImage image = Noise(2, 2);
  const std::string latin1 = *EncodePng(image, {{"key", "caf\u00e9"}});
  EXPECT_THAT(latin1, HasSubstr(std::string("tEXtkey\0caf\xe9", 12)));
  EXPECT_THAT(latin1, Not(HasSubstr("iTXt")));
  const std::string unicode = *EncodePng(image, {{"key", "\u72d0"}});
  EXPECT_THAT(unicode, HasSubstr(std::string("iTXtkey\0\0\0\0\0\u72d0", 15)));
  EXPECT_THAT(unicode, Not(HasSubstr("tEXt")));
}

TEST(PngCodecTest, EqualInputGivesEqualBytes) {
  const RgbImage image = Noise(33, 17);
  EXPECT_EQ(*EncodePng(image, {{"key", "value"}}),
            *EncodePng(image, {{"key", "value"}}));
}

TEST(PngCodecTest, LargestImageOfNoiseFitsGrpcsDefaultMessage) {
  const absl::StatusOr<std::string> bytes =
      EncodePng(Noise(1024, 1024), {{"prompt", std::string(100'000, 'p')},
                                    {"parameters", std::string(100'000, 'p')}});
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_LT(bytes->size(), 4'000'000u);
}

TEST(PngCodecTest, RefusesTextsThatPngCannotHold) {
  const RgbImage image = Noise(2, 2);
  const std::vector<std::string> bad_keys = {
      "",         std::string(80, 'k'), "a\nb", std::string("a\0b", 3),
      " leading", "trailing ",          "a  b", "caf\u00e9"};
  for (const std::string& key : bad_keys) {
    EXPECT_EQ(EncodePng(image, {{key, "value"}}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << key;
  }
  EXPECT_TRUE(EncodePng(image, {{std::string(79, 'k'), "value"}}).ok());

  for (const std::string& value :
       {std::string("a\0b", 3), std::string("\xff"), std::string("\xc3"),
        std::string("\xc0\x80"), std::string("\xed\xa0\x80"),
        std::string("\xf4\x90\x80\x80")}) {
    const absl::Status status = EncodePng(image, {{"prompt", value}}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("prompt"));
  }
}

TEST(PngCodecTest, RefusesPixelsThatDoNotFitTheSize) {
  RgbImage image = Noise(4, 4);
  image.pixels.pop_back();
  EXPECT_EQ(EncodePng(image, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(EncodePng(RgbImage{0, 4, {}}, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(EncodePng(RgbImage{-1, -1, {1, 2, 3}}, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(PngCodecTest, ReadsOtherKindsAsRgb) {
  const absl::StatusOr<DecodedPng> grey =
      DecodePng(Foreign(PNG_FORMAT_GRAY, 2, 1, {10, 200}));
  ASSERT_TRUE(grey.ok()) << grey.status();
  EXPECT_EQ(grey->image.pixels,
            (std::vector<uint8_t>{10, 10, 10, 200, 200, 200}));
  const absl::StatusOr<DecodedPng> alpha =
      DecodePng(Foreign(PNG_FORMAT_RGBA, 1, 2, {1, 2, 3, 255, 4, 5, 6, 128}));
  ASSERT_TRUE(alpha.ok()) << alpha.status();
  EXPECT_EQ(alpha->image.pixels, (std::vector<uint8_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_THAT(alpha->texts, IsEmpty());
}

TEST(PngCodecTest, EveryTruncationIsRefused) {
  const std::string bytes =
      *EncodePng(Noise(6, 5), {{"key", "value"}, {"unicode", "\u72d0"}});
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodePng(bytes.substr(0, size)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << size;
  }
}

TEST(PngCodecTest, EveryFlippedByteIsReadOrRefused) {
  const RgbImage image = Noise(6, 5);
  const std::string bytes = *EncodePng(image, {{"key", "value"}});
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0xFF);
    const absl::StatusOr<DecodedPng> png = DecodePng(flipped);
    // Checksums guard what counts; only the texts may get lost.
    if (png.ok()) {
      EXPECT_EQ(png->image.pixels, image.pixels) << i;
    }
  }
}

TEST(PngCodecTest, RefusesHostileFiles) {
  EXPECT_THAT(Refusal(""), HasSubstr("start"));
  EXPECT_THAT(Refusal("GIF89a, and no PNG at all"), HasSubstr("start"));
  EXPECT_THAT(Refusal(FileOf(100'000, 100'000, OnePixel())),
              HasSubstr("100000x100000"));
  Refusal(FileOf(0x7FFFFFFF, 0x7FFFFFFF, OnePixel()));
  Refusal(FileOf(0, 1, OnePixel()));
  Refusal(FileOf(2, 2, OnePixel()));
  Refusal(FileOf(1, 1, Chunk("IEND", "")));
  // A chunk that claims two gigabytes, and has eight bytes.
  EXPECT_THAT(
      Refusal(FileOf(1, 1, BigEndian(0x7FFFFFFF) + "tEXt" + "key12345")),
      HasSubstr("too early"));
  const std::string not_utf8("key\0\0\0\0\0\xff", 9);
  EXPECT_THAT(Refusal(FileOf(1, 1, Chunk("iTXt", not_utf8) + OnePixel())),
              HasSubstr("UTF-8"));
}

TEST(PngCodecTest, CompressedTextStaysWithinItsLimit) {
  const std::string bomb = Deflated(std::string(64 << 20, 'x'));
  const absl::StatusOr<DecodedPng> png = DecodePng(FileOf(
      1, 1,
      Chunk("zTXt", std::string("bomb\0\0", 6) + bomb) +
          Chunk("zTXt", std::string("good\0\0", 6) + Deflated("text")) +
          Chunk("IDAT", Deflated(std::string(4, 0))) + Chunk("IEND", "")));
  ASSERT_TRUE(png.ok()) << png.status();
  for (const PngText& text : png->texts) {
    EXPECT_LT(text.value.size(), size_t{32} << 20);
  }
  EXPECT_THAT(png->texts, testing::Contains(PngText{"good", "text"}));
}

}  // namespace
}  // namespace ella
