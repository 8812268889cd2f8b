#include "server/output/output_pool.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "image/png_codec.h"

namespace ella {
namespace {

void Encode(const RgbImage& image, const std::vector<PngText>& texts,
            OutputPool::Callback& callback) {
  const absl::Time begin = absl::Now();
  absl::StatusOr<std::string> png = EncodePng(image, texts);
  callback(std::move(png), absl::Now() - begin);
}

}  // namespace

OutputPool::OutputPool(const OutputOptions& options)
    : max_waiting_previews_(options.max_waiting_previews),
      work_(options.png_threads) {}

void OutputPool::EncodeImage(RgbImage image, ImageMetadata metadata,
                             Callback callback) {
  work_.Add([image = std::move(image), metadata = std::move(metadata),
             callback = std::move(callback)]() mutable {
    Encode(image, MetadataToTexts(metadata), callback);
  });
}

bool OutputPool::TryEncodePreview(RgbImage image, Callback callback) {
  return work_.TryAdd(
      max_waiting_previews_,
      [image = std::move(image), callback = std::move(callback)]() mutable {
        Encode(image, {}, callback);
      });
}

}  // namespace ella
