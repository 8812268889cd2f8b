// Errors as people and programs read them.
#pragma once

#include <ostream>

#include "absl/status/status.h"
#include "nlohmann/json.hpp"

namespace ella {

// What the verbs return, for the process to exit with.
enum ExitCode { kDone = 0, kFailed = 1, kBadUsage = 2 };

// `ella: INVALID_ARGUMENT: its message`, then a line for each bad field.
void PrintError(const absl::Status& status, std::ostream& stream);

// {"code", "message", "fields": [{"field", "description"}]}
nlohmann::json ErrorToJson(const absl::Status& status);

// One line. Bytes that aren't UTF-8, as file names may hold, are replaced.
void PrintJson(const nlohmann::json& json, std::ostream& stream);

}  // namespace ella
