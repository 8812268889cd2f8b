#include "model/text/clip_vocabulary.h"

#include <nlohmann/json.hpp>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/text/tokenizer_files.h"

namespace ella {
namespace {

constexpr int64_t kMaxId = 10'000'000;

absl::Status ReadIds(const nlohmann::json& json, const std::string& path,
                     Vocabulary* ids) {
  if (!json.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the vocabulary is not an object"));
  }
  absl::flat_hash_set<int64_t> seen;
  for (const auto& [token, value] : json.items()) {
    if (!value.is_number_unsigned() ||
        value.get<uint64_t>() > uint64_t{kMaxId}) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": the id of \"", token, "\" must be 0 to ",
                       kMaxId, ", was ", JsonText(value)));
    }
    const auto id = value.get<int32_t>();
    if (!seen.insert(id).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": two tokens have the id ", id));
    }
    ids->emplace(token, id);
  }
  return absl::OkStatus();
}

absl::Status AddMerge(absl::string_view line, const std::string& path,
                      ClipVocabulary* vocabulary) {
  std::vector<std::string> parts = absl::StrSplit(line, ' ');
  if (parts.size() != 2 || parts[0].empty() || parts[1].empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": merge ", vocabulary->merges.size(), " is not a pair"));
  }
  vocabulary->merges.emplace_back(std::move(parts[0]), std::move(parts[1]));
  return absl::OkStatus();
}

absl::StatusOr<ClipVocabulary> ReadTwoFiles(const std::string& folder) {
  ClipVocabulary vocabulary;
  vocabulary.vocabulary_path = absl::StrCat(folder, "/vocab.json");
  vocabulary.merges_path = absl::StrCat(folder, "/merges.txt");
  const auto json = ReadJsonObject(vocabulary.vocabulary_path);
  if (!json.ok()) return json.status();
  absl::Status status =
      ReadIds(*json, vocabulary.vocabulary_path, &vocabulary.ids);
  if (!status.ok()) return status;
  const auto merges = ReadTokenizerFile(vocabulary.merges_path);
  if (!merges.ok()) return merges.status();
  for (absl::string_view line : absl::StrSplit(*merges, '\n')) {
    line = absl::StripSuffix(line, "\r");
    // Not any line with a #: that may be a token.
    if (line.empty() || absl::StartsWith(line, "#version:")) continue;
    status = AddMerge(line, vocabulary.merges_path, &vocabulary);
    if (!status.ok()) return status;
  }
  return vocabulary;
}

absl::StatusOr<ClipVocabulary> ReadTokenizerJson(const std::string& path) {
  const auto json = ReadJsonObject(path);
  if (!json.ok()) return json.status();
  const nlohmann::json model = json->value("model", nlohmann::json::object());
  if (!model.is_object() || !model.contains("vocab") ||
      !model.contains("merges") || !model["merges"].is_array()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": model.vocab or model.merges is missing"));
  }
  ClipVocabulary vocabulary;
  vocabulary.vocabulary_path = path;
  vocabulary.merges_path = path;
  absl::Status status = ReadIds(model["vocab"], path, &vocabulary.ids);
  for (const nlohmann::json& merge : model["merges"]) {
    if (!status.ok()) return status;
    if (merge.is_string()) {
      status = AddMerge(merge.get_ref<const std::string&>(), path, &vocabulary);
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
               merge[1].is_string()) {
      vocabulary.merges.emplace_back(merge[0].get<std::string>(),
                                     merge[1].get<std::string>());
    } else {
      status = AddMerge("", path, &vocabulary);
    }
  }
  if (!status.ok()) return status;
  return vocabulary;
}

}  // namespace

absl::StatusOr<ClipVocabulary> ReadClipVocabulary(const std::string& folder) {
  auto vocabulary = ReadTwoFiles(folder);
  if (!absl::IsNotFound(vocabulary.status())) return vocabulary;
  auto other = ReadTokenizerJson(absl::StrCat(folder, "/tokenizer.json"));
  // Without either, name the files that SD1.5 has.
  return absl::IsNotFound(other.status()) ? vocabulary : other;
}

}  // namespace ella
