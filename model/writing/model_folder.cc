#include "model/writing/model_folder.h"

#include <system_error>

#include "absl/strings/str_cat.h"

namespace ella {

namespace fs = std::filesystem;

absl::Status WriteModelFolder(
    const std::string& folder,
    const std::function<absl::Status(const fs::path&)>& write) {
  std::error_code error;
  // Without a slash at its end, which would put FOLDER.tmp inside.
  const fs::path target = fs::path(folder + "/").parent_path();
  if (fs::exists(target, error)) {
    if (fs::exists(target / "sd15/model_index.json", error)) {
      return absl::OkStatus();
    }
    return absl::AlreadyExistsError(
        absl::StrCat(target.string(), " is there, but holds no model"));
  }
  const fs::path temporary = target.string() + ".tmp";
  fs::remove_all(temporary, error);
  absl::Status status = write(temporary);
  if (!status.ok()) return status;
  fs::rename(temporary, target, error);
  if (error) {
    return absl::InternalError(absl::StrCat("can't rename ", temporary.string(),
                                            ": ", error.message()));
  }
  return absl::OkStatus();
}

}  // namespace ella
