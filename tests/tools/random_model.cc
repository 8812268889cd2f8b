#include "tests/tools/random_model.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/writing/clip_tokenizer_files.h"
#include "model/writing/folder_writer.h"
#include "model/writing/model_folder.h"
#include "model/writing/t5_vocabulary.h"
#include "model/writing/tensor_shapes.h"
#include "tests/tools/random_tensor.h"
#include "tests/tools/training_sentences.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

constexpr int kT5Pieces = 384;
constexpr int kT5ExtraIds = 100;

std::vector<StoredTensor> RandomTensors(const std::vector<TensorShape>& shapes,
                                        uint64_t seed) {
  std::vector<StoredTensor> tensors;
  tensors.reserve(shapes.size());
  for (const TensorShape& shape : shapes) {
    tensors.push_back(RandomTensor(shape, seed));
  }
  return tensors;
}

// 0, 1 and so on, which old files of transformers hold.
StoredTensor PositionIds(int64_t positions) {
  StoredTensor tensor{
      "text_model.embeddings.position_ids", Dtype::kI64, {1, positions}, ""};
  for (int64_t i = 0; i < positions; ++i) {
    for (int byte = 0; byte < 8; ++byte) {
      tensor.bytes += static_cast<char>(i >> (8 * byte) & 0xFF);
    }
  }
  return tensor;
}

// In the order of their application; each side is a byte or an earlier merge.
const std::vector<Merge>& Merges() {
  static const auto& merges = *new std::vector<Merge>{
      {"t", "h"},     {"th", "e</w>"}, {"i", "n"},      {"a", "n"},
      {"r", "e"},     {"in", "g</w>"}, {"an", "d</w>"}, {"o", "n</w>"},
      {"a", "t"},     {"e", "r"},      {"e", "d</w>"},  {"o", "f</w>"},
      {"s", "t"},     {"i", "n</w>"},  {"o", "u"},      {"l", "l"},
      {"e", "r</w>"}, {"a", "r"},      {"w", "i"},      {"wi", "th"},
  };
  return merges;
}

absl::Status WriteFiles(const fs::path& folder, uint64_t seed) {
  const ModelSizes sizes = SmallModelSizes();
  std::string spiece_model;
  const std::string error =
      TrainT5Vocabulary({kTrainingSentences.begin(), kTrainingSentences.end()},
                        kT5Pieces, &spiece_model);
  if (!error.empty()) {
    return absl::InternalError(absl::StrCat("spiece.model: ", error));
  }
  FolderWriter writer(folder);
  writer.Skeleton(sizes, MakeClipTokenizerFiles(Merges()), spiece_model);
  writer.Weights(kUnetWeights, RandomTensors(UnetShapes(sizes.unet), seed));
  writer.Weights(kVaeWeights, RandomTensors(VaeShapes(sizes.vae), seed));
  std::vector<StoredTensor> clip = RandomTensors(ClipShapes(sizes.clip), seed);
  clip.push_back(PositionIds(sizes.clip.positions));
  writer.Weights(kClipWeights, clip);
  writer.Weights(kT5Weights, RandomTensors(T5EncoderShapes(sizes.t5), seed));
  writer.Weights(kEllaWeights, RandomTensors(EllaShapes(sizes.ella), seed));
  return writer.status();
}

}  // namespace

ModelSizes SmallModelSizes() {
  ModelSizes sizes;
  sizes.unet = {.channels = {8, 16, 24, 24},
                .context = 32,
                .heads = 4,
                .norm_groups = 8,
                .sample_size = 8};
  sizes.vae = {
      .channels = {8, 12, 16, 16}, .norm_groups = 4, .sample_size = 64};
  sizes.clip = {.hidden = 32,
                .intermediate = 128,
                .layers = 2,
                .heads = 4,
                .vocabulary = MakeClipTokenizerFiles(Merges()).size};
  sizes.t5 = {.d_model = 40,
              .d_kv = 8,
              .heads = 6,
              .d_ff = 80,
              .layers = 2,
              // The real one is larger than its tokenizer, too.
              .vocabulary = kT5Pieces + kT5ExtraIds + 28};
  sizes.ella = {.time_embedding = 48, .width = 32, .layers = 2, .input = 40};
  return sizes;
}

absl::Status WriteRandomModel(const std::string& folder, uint64_t seed) {
  return WriteModelFolder(folder, [seed](const fs::path& temporary) {
    return WriteFiles(temporary, seed);
  });
}

}  // namespace ella
