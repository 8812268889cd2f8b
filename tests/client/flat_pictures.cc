#include "tests/client/flat_pictures.h"

#include <fstream>
#include <iterator>
#include <numeric>

#include "gtest/gtest.h"

namespace ella {
namespace {

std::string FlatPng(const v1::GenerateRequest& request, uint32_t index) {
  RgbImage image;
  image.width = static_cast<int>(request.width());
  image.height = static_cast<int>(request.height());
  const Rgb color = FlatColor(request, index);
  for (int i = 0; i < image.width * image.height; ++i) {
    image.pixels.insert(image.pixels.end(), color.begin(), color.end());
  }
  return *EncodePng(image, {});
}

}  // namespace

Rgb FlatColor(const v1::GenerateRequest& request, uint32_t index) {
  const std::string& prompt = request.prompt();
  return {
      static_cast<uint8_t>(50 * request.conditioning()),
      static_cast<uint8_t>(request.seed() + index),
      static_cast<uint8_t>(std::accumulate(prompt.begin(), prompt.end(), 1))};
}

FakeService::Script DrawFlat() {
  return [](const v1::GenerateRequest& request, FakeService::Writer& writer) {
    writer.Write(QueuedEvent(request.request_id()));
    writer.Write(StartedEvent());
    writer.Write(ProgressEvent(1, 1));
    for (uint32_t i = 0; i < request.num_images(); ++i) {
      writer.Write(ImageEvent(i, request.seed() + i, FlatPng(request, i)));
    }
    writer.Write(DoneEvent());
    return grpc::Status::OK;
  };
}

Rgb PixelOf(const RgbImage& image, int x, int y) {
  const uint8_t* pixel = &image.pixels[3 * (size_t{1} * image.width * y + x)];
  return {pixel[0], pixel[1], pixel[2]};
}

DecodedPng ReadPng(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const absl::StatusOr<DecodedPng> png = DecodePng(bytes);
  EXPECT_TRUE(png.ok()) << path << ": " << png.status();
  return png.ok() ? *png : DecodedPng{{1, 1, {0, 0, 0}}, {}};
}

std::string TextOf(const DecodedPng& png, const std::string& key) {
  for (const PngText& text : png.texts) {
    if (text.key == key) return text.value;
  }
  return "none";
}

}  // namespace ella
