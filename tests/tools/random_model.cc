#include "tests/tools/random_model.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/tools/clip_tokenizer_files.h"
#include "tests/tools/model_configs.h"
#include "tests/tools/model_folder.h"
#include "tests/tools/random_tensor.h"
#include "tests/tools/safetensors_writer.h"
#include "tests/tools/t5_vocabulary.h"
#include "tests/tools/tensor_shapes.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

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

// Writes files below one folder; after the first failure no more.
class ModelWriter {
 public:
  ModelWriter(fs::path folder, uint64_t seed)
      : folder_(std::move(folder)), seed_(seed) {}

  void File(const fs::path& name, const std::string& bytes) {
    if (Prepare(name)) status_ = WriteBytes((folder_ / name).string(), bytes);
  }
  void Weights(const fs::path& name, const std::vector<TensorShape>& shapes,
               const std::vector<StoredTensor>& others = {}) {
    if (!Prepare(name)) return;
    std::vector<StoredTensor> tensors = RandomTensors(shapes, seed_);
    tensors.insert(tensors.end(), others.begin(), others.end());
    status_ = WriteSafetensors((folder_ / name).string(), tensors);
  }
  void T5Vocabulary(const fs::path& name) {
    std::string model;
    const std::string error = TrainT5Vocabulary(&model);
    if (error.empty()) return File(name, model);
    status_.Update(absl::InternalError(absl::StrCat("spiece.model: ", error)));
  }
  const absl::Status& status() const { return status_; }

 private:
  // Makes the file's folder.
  bool Prepare(const fs::path& name) {
    std::error_code error;
    const fs::path parent = (folder_ / name).parent_path();
    fs::create_directories(parent, error);
    if (error) {
      status_.Update(absl::InternalError(
          absl::StrCat("can't make ", parent.string(), ": ", error.message())));
    }
    return status_.ok();
  }

  fs::path folder_;
  uint64_t seed_;
  absl::Status status_;
};

absl::Status WriteFiles(const fs::path& folder, uint64_t seed) {
  const ModelSizes sizes = SmallModelSizes();
  const ClipTokenizerFiles clip_files = MakeClipTokenizerFiles();
  ModelWriter writer(folder, seed);
  const std::string diffusers_weights = "diffusion_pytorch_model.safetensors";

  const fs::path sd15 = "sd15";
  writer.File(sd15 / "model_index.json", PipelineConfigJson());
  writer.File(sd15 / "scheduler/scheduler_config.json", SchedulerConfigJson());
  writer.File(sd15 / "unet/config.json", UnetConfigJson(sizes.unet));
  writer.Weights(sd15 / "unet" / diffusers_weights, UnetShapes(sizes.unet));
  writer.File(sd15 / "vae/config.json", VaeConfigJson(sizes.vae));
  writer.Weights(sd15 / "vae" / diffusers_weights, VaeShapes(sizes.vae));
  writer.File(sd15 / "tokenizer/vocab.json", clip_files.vocab_json);
  writer.File(sd15 / "tokenizer/merges.txt", clip_files.merges_txt);
  writer.File(sd15 / "tokenizer/tokenizer_config.json",
              ClipTokenizerConfigJson());
  writer.File(sd15 / "text_encoder/config.json", ClipConfigJson(sizes.clip));
  writer.Weights(sd15 / "text_encoder/model.safetensors",
                 ClipShapes(sizes.clip), {PositionIds(sizes.clip.positions)});

  const fs::path t5 = "flan-t5";
  writer.File(t5 / "config.json", T5ConfigJson(sizes.t5));
  writer.File(t5 / "tokenizer_config.json", T5TokenizerConfigJson());
  writer.T5Vocabulary(t5 / "spiece.model");
  writer.Weights(t5 / "model.safetensors", T5EncoderShapes(sizes.t5));

  const fs::path ella = "ella";
  writer.File(ella / "config.json", EllaConfigJson(sizes.ella));
  writer.Weights(ella / "ella-sd1.5-tsc-t5xl.safetensors",
                 EllaShapes(sizes.ella));
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
                .vocabulary = MakeClipTokenizerFiles().size};
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
