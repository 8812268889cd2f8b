#include "model/writing/folder_writer.h"

#include <system_error>

#include "absl/strings/str_cat.h"
#include "model/writing/model_configs.h"

namespace ella {

namespace fs = std::filesystem;

void FolderWriter::File(const fs::path& name, const std::string& bytes) {
  Make(name, [&](const std::string& path) { return WriteBytes(path, bytes); });
}

void FolderWriter::Weights(const fs::path& name,
                           const std::vector<StoredTensor>& tensors) {
  Make(name, [&](const std::string& path) {
    return WriteSafetensors(path, tensors);
  });
}

void FolderWriter::Skeleton(const ModelSizes& sizes,
                            const ClipTokenizerFiles& clip,
                            const std::string& spiece_model) {
  const fs::path sd15 = "sd15";
  File(sd15 / "model_index.json", PipelineConfigJson());
  File(sd15 / "scheduler/scheduler_config.json", SchedulerConfigJson());
  File(sd15 / "unet/config.json", UnetConfigJson(sizes.unet));
  File(sd15 / "vae/config.json", VaeConfigJson(sizes.vae));
  File(sd15 / "tokenizer/vocab.json", clip.vocab_json);
  File(sd15 / "tokenizer/merges.txt", clip.merges_txt);
  File(sd15 / "tokenizer/tokenizer_config.json", ClipTokenizerConfigJson());
  File(sd15 / "text_encoder/config.json", ClipConfigJson(sizes.clip));
  const fs::path t5 = "flan-t5";
  File(t5 / "config.json", T5ConfigJson(sizes.t5));
  File(t5 / "tokenizer_config.json", T5TokenizerConfigJson());
  File(t5 / "spiece.model", spiece_model);
  File("ella/config.json", EllaConfigJson(sizes.ella));
}

void FolderWriter::Make(
    const fs::path& name,
    const std::function<absl::Status(const std::string&)>& write) {
  if (!status_.ok()) return;
  std::error_code error;
  const fs::path path = folder_ / name;
  fs::create_directories(path.parent_path(), error);
  status_ = error ? absl::InternalError(
                        absl::StrCat("can't make ", path.parent_path().string(),
                                     ": ", error.message()))
                  : write(path.string());
}

}  // namespace ella
