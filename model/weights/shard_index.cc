#include "model/weights/shard_index.h"

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/weights/mapped_file.h"
#include "model/weights/safetensors_header.h"

namespace ella {
namespace {

// A plain file name, so that an index can't reach files elsewhere.
bool IsFileName(absl::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(absl::string_view("/\\\0", 3)) == name.npos;
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ReadShardIndex(
    const std::string& path) {
  absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  if (!file.ok()) return file.status();
  const nlohmann::json index =
      nlohmann::json::parse(file->bytes().begin(), file->bytes().end(), nullptr,
                            /*allow_exceptions=*/false);
  if (index.is_discarded()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not JSON"));
  }
  const auto weight_map = index.find("weight_map");
  if (weight_map == index.end() || !weight_map->is_object() ||
      weight_map->empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " has no weight_map that lists tensors"));
  }
  std::map<std::string, std::string> shards;
  for (const auto& [name, shard] : weight_map->items()) {
    const auto* file_name = shard.get_ptr<const std::string*>();
    if (file_name == nullptr || !IsFileName(*file_name)) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": weight_map must give tensor ", QuotedName(name),
          " the name of a file in the same folder, was ",
          file_name == nullptr ? "no string" : QuotedName(*file_name)));
    }
    shards.emplace(name, *file_name);
  }
  return shards;
}

}  // namespace ella
