#include "bench/formula/full_size_model.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bench/formula/formula_file.h"
#include "model/writing/folder_writer.h"
#include "model/writing/model_folder.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::string> ReadTokenizer(const FullSizeModelSources& sources,
                                          const std::string& name) {
  const fs::path path = fs::path(sources.tokenizers) / name;
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  if (!file) {
    return absl::NotFoundError(absl::StrCat("can't read ", path.string()));
  }
  return bytes.str();
}

// Writes formula weights; after the first failure no more.
class WeightsWriter {
 public:
  WeightsWriter(FolderWriter* folder, const FullSizeModelSources& sources)
      : folder_(*folder), sources_(sources) {}

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
    folder_.File(stem + ".safetensors.index.json", index.dump(2) + "\n");
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
    if (!status_.ok()) return;
    folder_.Make(name, [&](const std::string& path) {
      return WriteFormulaFile(path, tensors);
    });
    status_.Update(folder_.status());
  }

  FolderWriter& folder_;
  const FullSizeModelSources& sources_;
  absl::Status status_;
};

absl::Status WriteFiles(const fs::path& folder,
                        const FullSizeModelSources& sources) {
  const auto vocabulary = ReadTokenizer(sources, "sd15/tokenizer/vocab.json");
  if (!vocabulary.ok()) return vocabulary.status();
  const auto merges = ReadTokenizer(sources, "sd15/tokenizer/merges.txt");
  if (!merges.ok()) return merges.status();
  const auto pieces = ReadTokenizer(sources, "flan-t5/spiece.model");
  if (!pieces.ok()) return pieces.status();
  FolderWriter writer(folder);
  writer.Skeleton(ModelSizes{},
                  {.vocab_json = *vocabulary, .merges_txt = *merges}, *pieces);
  WeightsWriter weights(&writer, sources);
  weights.Weights(kUnetWeights, "sd15_unet");
  weights.Weights(kVaeWeights, "sd15_vae");
  weights.Weights(kClipWeights, "sd15_text_encoder");
  weights.Shards("flan-t5/model", "flan_t5_xl_encoder");
  weights.Weights(kEllaWeights, "ella_full");
  return weights.status().ok() ? writer.status() : weights.status();
}

}  // namespace

absl::Status WriteFullSizeModel(const std::string& folder,
                                const FullSizeModelSources& sources) {
  return WriteModelFolder(folder, [&sources](const fs::path& temporary) {
    return WriteFiles(temporary, sources);
  });
}

}  // namespace ella
