#include "client/dpg/generate_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "client/input_files.h"
#include "client/output_files.h"
#include "nlohmann/json.hpp"

namespace ella {
namespace {

std::optional<std::string> ValueOf(const std::vector<PngText>& texts,
                                   const std::string& key) {
  for (const PngText& text : texts) {
    if (text.key == key) return text.value;
  }
  return std::nullopt;
}

// FailedPrecondition naming the first setting that differs.
absl::Status CheckSettings(const std::string& path,
                           const std::vector<PngText>& texts,
                           const std::vector<PngText>& settings) {
  for (const PngText& setting : settings) {
    const std::optional<std::string> value = ValueOf(texts, setting.key);
    if (!value) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " is no grid of ours: use another folder"));
    }
    if (*value != setting.value) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " was made with ", setting.key, " \"", *value,
                       "\", which this run has as \"", setting.value,
                       "\": use another folder, or the same settings"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<GridFolder>> GridFolder::Open(
    const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("cannot make ", path));
  }
  const int lock = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  std::unique_ptr<GridFolder> folder(new GridFolder(path, lock));
  // Where the file system knows no locks, there is none.
  if (flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return absl::FailedPreconditionError(
        absl::StrCat("another run is at work in ", path));
  }
  RemoveLeftovers(path);
  return folder;
}

GridFolder::GridFolder(const std::string& path, int lock)
    : path_(path), lock_(lock) {}

GridFolder::~GridFolder() { close(lock_); }

absl::StatusOr<GridFolder::Survey> GridFolder::Find(
    const std::map<std::string, std::string>& prompts,
    const std::vector<PngText>& settings) const {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator i(path_, error), end; i != end;
       i.increment(error)) {
    if (i->path().extension() == ".png") files.push_back(i->path());
  }
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("cannot read ", path_));
  }
  std::sort(files.begin(), files.end());
  Survey survey;
  for (const std::filesystem::path& file : files) {
    const std::string path = file.string();
    if (!std::filesystem::is_regular_file(file, error)) {
      return absl::FailedPreconditionError(absl::StrCat(path, " is no file"));
    }
    const absl::StatusOr<std::string> bytes = ReadFile(path);
    if (!bytes.ok()) return bytes.status();
    const absl::StatusOr<DecodedPng> png = DecodePng(*bytes);
    const std::string id = file.stem().string();
    const auto prompt = prompts.find(id);
    const bool planned = prompt != prompts.end();
    if (!png.ok()) {
      if (planned) {
        survey.notes.push_back(
            absl::StrCat(path, " is damaged: ", png.status().message()));
      }
      continue;
    }
    const absl::Status status = CheckSettings(path, png->texts, settings);
    if (!status.ok()) return status;
    if (!planned || ValueOf(png->texts, "prompt") == prompt->second) {
      survey.finished.insert(id);
    } else {
      survey.notes.push_back(absl::StrCat(path, " has another prompt"));
    }
  }
  return survey;
}

absl::Status GridFolder::WriteSeeds(const std::set<std::string>& ids,
                                    const std::vector<uint32_t>& seeds) const {
  std::string lines;
  for (const std::string& id : ids) {
    const nlohmann::ordered_json line = {{"item_id", id}, {"seeds", seeds}};
    lines +=
        line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
        "\n";
  }
  return WriteFile((std::filesystem::path(path_) / "seeds.jsonl").string(),
                   lines);
}

std::string GridFolder::GridPath(const std::string& id) const {
  return (std::filesystem::path(path_) / (id + ".png")).string();
}

}  // namespace ella
