#include "model/training/folder_data.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "image/png_codec.h"
#include "image/utf8.h"
#include "model/training/pixels.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::string> ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  if (!file)
    return absl::NotFoundError(absl::StrCat("can't read ", path.string()));
  return bytes.str();
}

// [3, h, w] -> [3, side, side]: its middle, the shorter side scaled to `side`.
at::Tensor CutToSquare(const at::Tensor& image, int64_t side) {
  const int64_t shorter = std::min(image.size(1), image.size(2));
  const at::Tensor square =
      image.narrow(1, (image.size(1) - shorter) / 2, shorter)
          .narrow(2, (image.size(2) - shorter) / 2, shorter)
          .unsqueeze(0);
  return at::_upsample_bicubic2d_aa(square, {side, side},
                                    /*align_corners=*/false)
      .squeeze(0)
      .clamp(-1, 1);
}

}  // namespace

absl::StatusOr<FolderData> FolderData::Open(const std::string& folder,
                                            int side) {
  std::error_code error;
  std::vector<fs::path> pictures;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".png") pictures.push_back(entry.path());
  }
  if (error || pictures.empty()) {
    return absl::NotFoundError(absl::StrCat(
        folder, " holds no .png files",
        error ? absl::StrCat(": ", error.message()) : std::string()));
  }
  std::sort(pictures.begin(), pictures.end());
  std::vector<Pair> pairs;
  for (const fs::path& picture : pictures) {
    fs::path text = picture;
    text.replace_extension(".txt");
    absl::StatusOr<std::string> caption = ReadFile(text);
    if (!caption.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(picture.string(), " has no caption in ", text.string()));
    }
    const std::string stripped(absl::StripAsciiWhitespace(*caption));
    if (stripped.empty() || !IsValidUtf8(stripped)) {
      return absl::InvalidArgumentError(
          absl::StrCat(text.string(), " is empty or no UTF-8"));
    }
    pairs.push_back({picture.string(), stripped});
  }
  return FolderData(std::move(pairs), side);
}

absl::StatusOr<TrainingBatch> FolderData::Draw(uint64_t seed, int64_t batch,
                                               CaptionKind /*kind*/) {
  std::mt19937_64 random(seed);
  TrainingBatch drawn;
  std::vector<at::Tensor> images;
  for (int64_t i = 0; i < batch; ++i) {
    const Pair& pair = pairs_[random() % pairs_.size()];
    absl::StatusOr<std::string> bytes = ReadFile(pair.picture);
    if (!bytes.ok()) return bytes.status();
    absl::StatusOr<DecodedPng> png = DecodePng(*bytes);
    if (!png.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(pair.picture, ": ", png.status().message()));
    }
    images.push_back(CutToSquare(ToTensor(png->image), side_));
    drawn.captions.push_back(pair.caption);
  }
  drawn.images = at::stack(images);
  return drawn;
}

}  // namespace ella
