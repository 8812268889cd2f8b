// Model folders that are whole or not there.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "absl/status/status.h"

namespace ella {

// Has `write` fill FOLDER.tmp, which then becomes FOLDER. A model that is there
// already is kept as it is; AlreadyExists where the folder holds anything else.
absl::Status WriteModelFolder(
    const std::string& folder,
    const std::function<absl::Status(const std::filesystem::path&)>& write);

}  // namespace ella
