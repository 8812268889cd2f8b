#include "model/weights/checkpoint.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/weights/pytorch_files.h"
#include "model/weights/safetensors_header.h"
#include "model/weights/shard_index.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

using Files = std::vector<std::unique_ptr<SafetensorsFile>>;

// The shards that the index lists, each once.
absl::StatusOr<Files> OpenShards(
    const std::string& index,
    const std::map<std::string, std::string>& shards) {
  std::set<std::string> names;
  for (const auto& [tensor, shard] : shards) names.insert(shard);
  Files files;
  for (const std::string& name : names) {
    absl::StatusOr<std::unique_ptr<SafetensorsFile>> file =
        SafetensorsFile::Open(fs::path(index).replace_filename(name).string());
    if (absl::IsNotFound(file.status())) {
      return absl::NotFoundError(
          absl::StrCat(index, " names the shard ", QuotedName(name),
                       ", which is missing (partial download?)"));
    }
    if (!file.ok()) return file.status();
    files.push_back(*std::move(file));
  }
  return files;
}

// Of the shards' tensors those that the index lists. Others are ignored, unless
// they make it unclear which is meant.
absl::StatusOr<std::map<std::string, TensorView>> CollectTensors(
    const std::string& index, const std::map<std::string, std::string>& shards,
    const Files& files) {
  std::map<std::string, TensorView> tensors;
  for (const std::unique_ptr<SafetensorsFile>& file : files) {
    const std::string name = fs::path(file->path()).filename().string();
    for (const auto& [tensor, view] : file->tensors()) {
      const auto listed = shards.find(tensor);
      if (listed == shards.end()) continue;
      if (listed->second != name) {
        return absl::InvalidArgumentError(absl::StrCat(
            file->path(), " has tensor ", QuotedName(tensor), ", which ", index,
            " says is in ", QuotedName(listed->second)));
      }
      tensors.emplace(tensor, view);
    }
  }
  for (const auto& [tensor, shard] : shards) {
    if (!tensors.contains(tensor)) {
      return absl::InvalidArgumentError(
          absl::StrCat(index, " says that ", QuotedName(shard), " has tensor ",
                       QuotedName(tensor), ", which it has not"));
    }
  }
  return tensors;
}

}  // namespace

absl::StatusOr<Checkpoint> Checkpoint::OpenFile(const std::string& path) {
  absl::StatusOr<std::unique_ptr<SafetensorsFile>> file =
      SafetensorsFile::Open(path);
  if (!file.ok()) return file.status();
  Checkpoint checkpoint;
  checkpoint.path_ = path;
  checkpoint.tensors_ = (*file)->tensors();
  auto files = std::make_shared<Files>();
  files->push_back(*std::move(file));
  checkpoint.mapping_ = std::move(files);
  return checkpoint;
}

Checkpoint Checkpoint::FromViews(std::string name,
                                 std::map<std::string, TensorView> tensors,
                                 std::shared_ptr<const void> owner) {
  Checkpoint checkpoint;
  checkpoint.path_ = std::move(name);
  checkpoint.mapping_ = std::move(owner);
  checkpoint.tensors_ = std::move(tensors);
  return checkpoint;
}

absl::StatusOr<Checkpoint> Checkpoint::OpenIndex(const std::string& path) {
  absl::StatusOr<std::map<std::string, std::string>> shards =
      ReadShardIndex(path);
  if (!shards.ok()) return shards.status();
  absl::StatusOr<Files> files = OpenShards(path, *shards);
  if (!files.ok()) return files.status();
  absl::StatusOr<std::map<std::string, TensorView>> tensors =
      CollectTensors(path, *shards, *files);
  if (!tensors.ok()) return tensors.status();
  Checkpoint checkpoint;
  checkpoint.path_ = path;
  checkpoint.tensors_ = *std::move(tensors);
  checkpoint.mapping_ = std::make_shared<const Files>(*std::move(files));
  return checkpoint;
}

absl::StatusOr<Checkpoint> Checkpoint::OpenFolder(const std::string& folder,
                                                  const std::string& stem) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return absl::NotFoundError(absl::StrCat("there is no folder ", folder));
  }
  // Tools have spelled a sharded variant's index in both ways.
  const std::vector<std::string> names = {
      stem + ".safetensors",
      stem + ".safetensors.index.json",
      stem + ".fp16.safetensors",
      stem + ".safetensors.index.fp16.json",
      stem + ".fp16.safetensors.index.json",
  };
  for (const std::string& name : names) {
    const std::string path = (fs::path(folder) / name).string();
    if (!fs::exists(path, error)) continue;
    return absl::EndsWith(name, ".json") ? OpenIndex(path) : OpenFile(path);
  }
  const std::string advice = PytorchConversionAdvice(folder, stem);
  if (!advice.empty()) return absl::InvalidArgumentError(advice);
  return absl::NotFoundError(absl::StrCat(
      "no weights in ", folder, ": looked for ", absl::StrJoin(names, ", ")));
}

}  // namespace ella
