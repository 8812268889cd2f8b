#include "model/training/pixels.h"

#include "model/vae/vae_decoder.h"

namespace ella {

at::Tensor ToTensor(const RgbImage& image) {
  const at::Tensor pixels =
      at::from_blob(const_cast<uint8_t*>(image.pixels.data()),
                    {image.height, image.width, 3}, at::kByte);
  return pixels.permute({2, 0, 1}).to(at::kFloat) / 127.5 - 1;
}

RgbImage ToSheet(const at::Tensor& images, int64_t columns) {
  constexpr int64_t kGutter = 2;
  const int64_t height = images.size(2) + kGutter;
  const int64_t width = images.size(3) + kGutter;
  const int64_t rows = (images.size(0) + columns - 1) / columns;
  at::Tensor sheet = at::zeros(
      {rows * height + kGutter, columns * width + kGutter, 3}, at::kByte);
  const at::Tensor pixels = ToPixels(images).cpu();
  for (int64_t i = 0; i < images.size(0); ++i) {
    sheet.narrow(0, i / columns * height + kGutter, images.size(2))
        .narrow(1, i % columns * width + kGutter, images.size(3))
        .copy_(pixels[i]);
  }
  const uint8_t* data = sheet.data_ptr<uint8_t>();
  return {.width = static_cast<int>(sheet.size(1)),
          .height = static_cast<int>(sheet.size(0)),
          .pixels = {data, data + sheet.numel()}};
}

}  // namespace ella
