#include "model/text/tokenizer_files.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/weights/mapped_file.h"

namespace ella {

absl::StatusOr<std::string> ReadTokenizerFile(const std::string& path) {
  const auto file = MappedFile::Open(path);
  if (!file.ok()) return file.status();
  return std::string(file->bytes().begin(), file->bytes().end());
}

absl::StatusOr<nlohmann::json> ReadJsonObject(const std::string& path) {
  const auto text = ReadTokenizerFile(path);
  if (!text.ok()) return text.status();
  nlohmann::json json =
      nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is not a JSON object"));
  }
  return json;
}

std::string JsonText(const nlohmann::json& value) {
  return value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)
      .substr(0, 40);
}

}  // namespace ella
