// Writes the files of a model directory.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/writing/clip_tokenizer_files.h"
#include "model/writing/model_sizes.h"
#include "model/writing/safetensors_writer.h"

namespace ella {

// Where each network's weights lie in a model directory.
inline constexpr char kUnetWeights[] =
    "sd15/unet/diffusion_pytorch_model.safetensors";
inline constexpr char kVaeWeights[] =
    "sd15/vae/diffusion_pytorch_model.safetensors";
inline constexpr char kClipWeights[] = "sd15/text_encoder/model.safetensors";
inline constexpr char kT5Weights[] = "flan-t5/model.safetensors";
inline constexpr char kEllaWeights[] = "ella/ella-sd1.5-tsc-t5xl.safetensors";

// Files below one folder, whose folders are made; after the first failure no
// more. One thread.
class FolderWriter {
 public:
  explicit FolderWriter(std::filesystem::path folder)
      : folder_(std::move(folder)) {}

  // Has `write` make the file at the path that it is given.
  void Make(const std::filesystem::path& name,
            const std::function<absl::Status(const std::string&)>& write);
  void File(const std::filesystem::path& name, const std::string& bytes);
  void Weights(const std::filesystem::path& name,
               const std::vector<StoredTensor>& tensors);
  // All configurations and tokenizers: what makes weights a model.
  void Skeleton(const ModelSizes& sizes, const ClipTokenizerFiles& clip,
                const std::string& spiece_model);

  const absl::Status& status() const { return status_; }

 private:
  const std::filesystem::path folder_;
  absl::Status status_;
};

}  // namespace ella
