// Reading the files beside a tokenizer.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"

namespace ella {

// A file's bytes. NotFound without the file.
absl::StatusOr<std::string> ReadTokenizerFile(const std::string& path);

// NotFound without the file, InvalidArgument where it is no JSON object.
absl::StatusOr<nlohmann::json> ReadJsonObject(const std::string& path);

// For messages: a value in few characters.
std::string JsonText(const nlohmann::json& value);

}  // namespace ella
