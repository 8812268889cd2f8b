#include "model/engine/model_files.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

bool IsFolder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool IsFile(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

// The one safetensors file of a folder, or the path itself if it is a file.
absl::StatusOr<std::string> FindEllaFile(const std::string& path) {
  if (IsFile(path)) return path;
  std::vector<std::string> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, error)) {
    if (entry.path().extension() == ".safetensors") {
      found.push_back(entry.path().string());
    }
  }
  if (found.size() == 1) return found[0];
  if (found.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "no ELLA weights: ", path, " is no file and holds no *.safetensors"));
  }
  std::sort(found.begin(), found.end());
  return absl::InvalidArgumentError(absl::StrCat(
      path, " holds more than one ELLA file, name one by ella:FILE: ",
      absl::StrJoin(found, ", ")));
}

absl::Status CheckStableDiffusionFolder(const std::string& path) {
  if (IsFile(path)) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        " is a single file; convert it to a folder with diffusers: "
        "StableDiffusionPipeline.from_single_file(FILE).save_pretrained(DIR, "
        "safe_serialization=True)"));
  }
  if (!IsFolder(path)) {
    return absl::NotFoundError(
        absl::StrCat("no folder ", path, " with Stable Diffusion 1.5"));
  }
  for (const char* part :
       {"unet", "vae", "text_encoder", "tokenizer", "scheduler"}) {
    if (!IsFolder(fs::path(path) / part)) {
      return absl::NotFoundError(
          absl::StrCat(path,
                       " is not a Stable Diffusion folder in diffusers "
                       "layout: it has no folder ",
                       part));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ModelFiles> SplitParts(const std::string& model) {
  ModelFiles files;
  for (absl::string_view part : absl::StrSplit(model, ',')) {
    std::string* place = absl::ConsumePrefix(&part, "sd15:")   ? &files.sd15
                         : absl::ConsumePrefix(&part, "t5:")   ? &files.t5
                         : absl::ConsumePrefix(&part, "ella:") ? &files.ella
                                                               : nullptr;
    if (place == nullptr || !place->empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a model is DIR or sd15:DIR,t5:DIR,ella:FILE, was ", model));
    }
    *place = std::string(part);
  }
  if (files.sd15.empty() || files.t5.empty() || files.ella.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a model needs sd15:, t5: and ella:, ", model, " lacks one"));
  }
  return files;
}

absl::StatusOr<ModelFiles> SplitFolder(const std::string& model) {
  const fs::path folder(model);
  if (!IsFolder(folder)) {
    return IsFile(folder)
               ? absl::InvalidArgumentError(
                     absl::StrCat(model, " is a file, not a model folder"))
               : absl::NotFoundError(absl::StrCat("no model folder ", model));
  }
  if (!IsFolder(folder / "sd15") && IsFolder(folder / "unet")) {
    return absl::InvalidArgumentError(absl::StrCat(
        model, " is a Stable Diffusion folder; give all three parts: sd15:",
        model, ",t5:DIR,ella:FILE"));
  }
  return ModelFiles{(folder / "sd15").string(), (folder / "flan-t5").string(),
                    (folder / "ella").string()};
}

}  // namespace

std::string ModelFiles::EllaConfig() const {
  return (fs::path(ella).parent_path() / "config.json").string();
}

absl::StatusOr<ModelFiles> FindModelFiles(const std::string& model) {
  const bool parts = absl::StartsWith(model, "sd15:") ||
                     absl::StartsWith(model, "t5:") ||
                     absl::StartsWith(model, "ella:");
  absl::StatusOr<ModelFiles> files =
      parts ? SplitParts(model) : SplitFolder(model);
  if (!files.ok()) return files;
  absl::Status status = CheckStableDiffusionFolder(files->sd15);
  if (!status.ok()) return status;
  if (!IsFolder(files->t5)) {
    return absl::NotFoundError(
        absl::StrCat("no folder ", files->t5, " with the T5 encoder"));
  }
  absl::StatusOr<std::string> ella = FindEllaFile(files->ella);
  if (!ella.ok()) return ella.status();
  files->ella = *std::move(ella);
  return files;
}

}  // namespace ella
