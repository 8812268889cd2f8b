#include "image/png_codec.h"

#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "image/utf8.h"

namespace ella {
namespace {

constexpr uint64_t kMaxPixels = 64 << 20;
constexpr png_uint_32 kMaxSide = 1 << 20;
constexpr int kMaxTextChunks = 1000;
constexpr png_alloc_size_t kMaxChunkBytes = 16 << 20;
// Sub and Up alone, at this level, take a sixth of the time of libpng's
// defaults, for a tenth more bytes.
constexpr int kCompressionLevel = 2;
constexpr int kFilters = PNG_FILTER_SUB | PNG_FILTER_UP;

// libpng leaves by longjmp, which runs no destructors. So each function below
// that calls setjmp has only trivial locals; what they work on lives here.
struct Writer {
  ~Writer() { png_destroy_write_struct(&png, &info); }

  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string error;
  std::string bytes;
  std::vector<png_text> texts;
};

struct Reader {
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }

  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string error;
  std::string_view rest;
};

[[noreturn]] void OnError(png_structp png, png_const_charp message) {
  *static_cast<std::string*>(png_get_error_ptr(png)) = message;
  png_longjmp(png, 1);
}

void OnWarning(png_structp, png_const_charp) {}

void OnWrite(png_structp png, png_bytep data, size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))
      ->append(reinterpret_cast<const char*>(data), size);
}

void OnRead(png_structp png, png_bytep data, size_t size) {
  auto* rest = static_cast<std::string_view*>(png_get_io_ptr(png));
  if (rest->size() < size) png_error(png, "read beyond the end");
  std::memcpy(data, rest->data(), size);
  rest->remove_prefix(size);
}

// Whether each chunk ends before the file does. libpng allocates what a chunk
// claims before it reads it.
bool ChunksAreWhole(std::string_view bytes) {
  constexpr size_t kSignature = 8;
  constexpr size_t kAround = 12;  // length, type, checksum
  for (size_t pos = kSignature; bytes.size() >= pos + kAround;) {
    const char* chunk = bytes.data() + pos;
    const uint32_t length =
        png_get_uint_32(reinterpret_cast<png_const_bytep>(chunk));
    if (length > bytes.size() - pos - kAround) return false;
    if (std::string_view(chunk + 4, 4) == "IEND") return true;
    pos += length + kAround;
  }
  return false;
}

bool Write(Writer& writer, const RgbImage& image) {
  png_structp png = writer.png;
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_write_fn(png, &writer.bytes, OnWrite, nullptr);
  png_set_user_limits(png, kMaxSide, kMaxSide);
  png_set_compression_level(png, kCompressionLevel);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, kFilters);
  png_set_IHDR(png, writer.info, image.width, image.height, 8,
               PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_text(png, writer.info, writer.texts.data(),
               static_cast<int>(writer.texts.size()));
  png_write_info(png, writer.info);
  for (int y = 0; y < image.height; ++y) {
    png_write_row(png, image.pixels.data() + size_t{3} * image.width * y);
  }
  png_write_end(png, nullptr);
  return true;
}

bool ReadHeader(Reader& reader) {
  png_structp png = reader.png;
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_read_fn(png, &reader.rest, OnRead);
  png_set_user_limits(png, kMaxSide, kMaxSide);
  png_set_chunk_malloc_max(png, kMaxChunkBytes);
  png_set_chunk_cache_max(png, kMaxTextChunks);
  png_read_info(png, reader.info);
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  return true;
}

bool ReadPixels(Reader& reader, RgbImage& image) {
  png_structp png = reader.png;
  if (setjmp(png_jmpbuf(png))) return false;
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, reader.info);
  const size_t row_bytes = size_t{3} * image.width;
  if (png_get_rowbytes(png, reader.info) != row_bytes) {
    png_error(png, "the pixels can't be made 8-bit RGB");
  }
  for (int pass = 0; pass < passes; ++pass) {
    for (int y = 0; y < image.height; ++y) {
      png_read_row(png, image.pixels.data() + row_bytes * y, nullptr);
    }
  }
  // Text chunks may follow the pixels.
  png_read_end(png, reader.info);
  return true;
}

absl::StatusOr<std::vector<PngText>> TextsOf(const Reader& reader) {
  png_textp chunks = nullptr;
  const int count = png_get_text(reader.png, reader.info, &chunks, nullptr);
  std::vector<PngText> texts;
  for (int i = 0; i < count; ++i) {
    const png_text& chunk = chunks[i];
    PngText text{Latin1ToUtf8(chunk.key), chunk.text};
    if (chunk.compression < PNG_ITXT_COMPRESSION_NONE) {
      text.value = Latin1ToUtf8(text.value);
    } else if (!IsValidUtf8(text.value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("PNG: text chunk ", text.key, " is not UTF-8"));
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

// Whether libpng writes the key as it is.
bool IsKeyword(std::string_view key) {
  if (key.empty() || key.size() > 79) return false;
  char previous = ' ';
  for (const char c : key) {
    if (c < ' ' || c > '~' || (c == ' ' && previous == ' ')) return false;
    previous = c;
  }
  return previous != ' ';
}

// The text as its chunk holds it.
absl::StatusOr<png_text> ToChunk(const PngText& text, std::string* storage) {
  if (!IsKeyword(text.key)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "PNG: the key of a text must be 1 to 79 printable ASCII characters, "
        "was \"",
        text.key, "\""));
  }
  if (!IsValidUtf8(text.value) || text.value.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("PNG: text ", text.key, " must be UTF-8 without NUL"));
  }
  std::optional<std::string> latin1 = Utf8ToLatin1(text.value);
  png_text chunk = {};
  chunk.compression =
      latin1 ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
  *storage = latin1 ? *std::move(latin1) : text.value;
  // libpng copies both.
  chunk.key = const_cast<char*>(text.key.c_str());
  chunk.text = storage->data();
  return chunk;
}

absl::Status Failed(const std::string& error) {
  return absl::InvalidArgumentError(absl::StrCat("PNG: ", error));
}

}  // namespace

absl::StatusOr<std::string> EncodePng(const RgbImage& image,
                                      const std::vector<PngText>& texts) {
  if (image.width < 1 || image.height < 1 ||
      uint64_t{3} * image.width * image.height != image.pixels.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "PNG: ", image.pixels.size(), " bytes are no RGB image of ",
        image.width, "x", image.height));
  }
  Writer writer;
  std::vector<std::string> storage(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    absl::StatusOr<png_text> chunk = ToChunk(texts[i], &storage[i]);
    if (!chunk.ok()) return chunk.status();
    writer.texts.push_back(*chunk);
  }
  writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer.error,
                                       OnError, OnWarning);
  if (writer.png) writer.info = png_create_info_struct(writer.png);
  if (!writer.info) return absl::ResourceExhaustedError("PNG: no memory");
  if (!Write(writer, image)) return Failed(writer.error);
  return std::move(writer.bytes);
}

absl::StatusOr<DecodedPng> DecodePng(std::string_view bytes) {
  if (png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0,
                  std::min(bytes.size(), size_t{8})) != 0) {
    return Failed("the file doesn't start like one");
  }
  if (!ChunksAreWhole(bytes)) return Failed("the file ends too early");
  Reader reader;
  reader.rest = bytes;
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader.error,
                                      OnError, OnWarning);
  if (reader.png) reader.info = png_create_info_struct(reader.png);
  if (!reader.info) return absl::ResourceExhaustedError("PNG: no memory");
  if (!ReadHeader(reader)) return Failed(reader.error);

  const png_uint_32 width = png_get_image_width(reader.png, reader.info);
  const png_uint_32 height = png_get_image_height(reader.png, reader.info);
  if (uint64_t{width} * height > kMaxPixels) {
    return absl::InvalidArgumentError(absl::StrCat("PNG: the image may have ",
                                                   kMaxPixels, " pixels, was ",
                                                   width, "x", height));
  }
  DecodedPng png;
  png.image.width = static_cast<int>(width);
  png.image.height = static_cast<int>(height);
  png.image.pixels.resize(size_t{3} * width * height);
  if (!ReadPixels(reader, png.image)) return Failed(reader.error);

  absl::StatusOr<std::vector<PngText>> texts = TextsOf(reader);
  if (!texts.ok()) return texts.status();
  png.texts = *std::move(texts);
  return png;
}

}  // namespace ella
