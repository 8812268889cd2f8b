#include "bench/formula/full_size_model.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bench/formula/formula_file.h"
#include "model/writing/model_configs.h"
#include "model/writing/model_folder.h"
#include "model/writing/safetensors_writer.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

// Writes files below one folder; after the first failure no more.
class ModelWriter {
 public:
  ModelWriter(fs::path folder, const FullSizeModelSources& sources)
      : folder_(std::move(folder)), sources_(sources) {}

  void File(const std::string& name, const std::string& bytes) {
    if (Prepare(name)) status_ = WriteBytes((folder_ / name).string(), bytes);
  }
  void Tokenizer(const std::string& name) {
    if (!Prepare(name)) return;
    std::error_code error;
    const fs::path source = fs::path(sources_.tokenizers) / name;
    fs::copy_file(source, folder_ / name, error);
    if (error) {
      status_ = absl::NotFoundError(
          absl::StrCat("can't copy ", source.string(), ": ", error.message()));
    }
  }
  void Weights(const std::string& name, const std::string& network) {
    WriteTensors(name, Tensors(network));
  }
  // In two shards, with the index that names them.
  void Shards(const std::string& stem, const std::string& network) {
    const std::vector<FormulaTensor> tensors = Tensors(network);
    std::vector<std::vector<FormulaTensor>> shards(2);
    nlohmann::ordered_json index = {{"metadata", nlohmann::json::object()}};
    for (size_t i = 0; i < tensors.size(); ++i) {
      const size_t shard = 2 * i / tensors.size();
      shards[shard].push_back(tensors[i]);
      index["weight_map"][tensors[i].name] =
          fs::path(ShardName(stem, shard)).filename().string();
    }
    for (size_t i = 0; i < shards.size(); ++i) {
      WriteTensors(ShardName(stem, i), shards[i]);
    }
    File(stem + ".safetensors.index.json", index.dump(2) + "\n");
  }

  const absl::Status& status() const { return status_; }

 private:
  static std::string ShardName(const std::string& stem, size_t shard) {
    return absl::StrCat(stem, "-0000", shard + 1, "-of-00002.safetensors");
  }

  std::vector<FormulaTensor> Tensors(const std::string& network) {
    absl::StatusOr<std::vector<FormulaTensor>> tensors = ReadFormulaTensors(
        absl::StrCat(sources_.shapes, "/", network, "_shapes.json"));
    status_.Update(tensors.status());
    if (!tensors.ok()) return {};
    return *std::move(tensors);
  }

  void WriteTensors(const std::string& name,
                    const std::vector<FormulaTensor>& tensors) {
    if (!Prepare(name)) return;
    status_ = WriteFormulaFile((folder_ / name).string(), tensors);
  }

  // Makes the file's folder.
  bool Prepare(const std::string& name) {
    if (!status_.ok()) return false;
    std::error_code error;
    const fs::path parent = (folder_ / name).parent_path();
    fs::create_directories(parent, error);
    if (error) {
      status_ = absl::InternalError(
          absl::StrCat("can't make ", parent.string(), ": ", error.message()));
    }
    return status_.ok();
  }

  const fs::path folder_;
  const FullSizeModelSources sources_;
  absl::Status status_;
};

absl::Status WriteFiles(const fs::path& folder,
                        const FullSizeModelSources& sources) {
  const ModelSizes sizes;
  ModelWriter writer(folder, sources);
  writer.File("sd15/model_index.json", PipelineConfigJson());
  writer.File("sd15/scheduler/scheduler_config.json", SchedulerConfigJson());
  writer.File("sd15/unet/config.json", UnetConfigJson(sizes.unet));
  writer.Weights("sd15/unet/diffusion_pytorch_model.safetensors", "sd15_unet");
  writer.File("sd15/vae/config.json", VaeConfigJson(sizes.vae));
  writer.Weights("sd15/vae/diffusion_pytorch_model.safetensors", "sd15_vae");
  writer.Tokenizer("sd15/tokenizer/vocab.json");
  writer.Tokenizer("sd15/tokenizer/merges.txt");
  writer.File("sd15/tokenizer/tokenizer_config.json",
              ClipTokenizerConfigJson());
  writer.File("sd15/text_encoder/config.json", ClipConfigJson(sizes.clip));
  writer.Weights("sd15/text_encoder/model.safetensors", "sd15_text_encoder");
  writer.File("flan-t5/config.json", T5ConfigJson(sizes.t5));
  writer.File("flan-t5/tokenizer_config.json", T5TokenizerConfigJson());
  writer.Tokenizer("flan-t5/spiece.model");
  writer.Shards("flan-t5/model", "flan_t5_xl_encoder");
  writer.File("ella/config.json", EllaConfigJson(sizes.ella));
  writer.Weights("ella/ella-sd1.5-tsc-t5xl.safetensors", "ella_full");
  return writer.status();
}

}  // namespace

absl::Status WriteFullSizeModel(const std::string& folder,
                                const FullSizeModelSources& sources) {
  return WriteModelFolder(folder, [&sources](const fs::path& temporary) {
    return WriteFiles(temporary, sources);
  });
}

}  // namespace ella
