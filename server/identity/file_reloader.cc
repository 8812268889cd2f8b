#include "server/identity/file_reloader.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

namespace ella {
namespace {

constexpr int64_t kMostBytes = 1 << 20;
// More than the grain of any file system's times.
constexpr int64_t kSettleNs = 2'000'000'000;

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  if (!S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is no regular file"));
  }
  if (status.st_size > kMostBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has more than ", kMostBytes, " bytes"));
  }
  std::ifstream file(path, std::ios::binary);
  std::string contents(static_cast<size_t>(status.st_size), '\0');
  file.read(contents.data(), status.st_size);
  if (!file && !file.eof()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": can't be read"));
  }
  contents.resize(static_cast<size_t>(file.gcount()));
  return contents;
}

}  // namespace

FileReloader::FileReloader(std::vector<std::string> paths, const Clock* clock,
                           Use use, WarningFunction warn)
    : paths_(std::move(paths)),
      clock_(clock),
      use_(std::move(use)),
      warn_(std::move(warn)) {}

FileReloader::Stamp FileReloader::StampOf(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return {};
  return {.exists = true,
          .device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .modified_ns = Nanoseconds(status.st_mtim),
          .changed_ns = Nanoseconds(status.st_ctim)};
}

std::vector<FileReloader::Stamp> FileReloader::Stamps() const {
  std::vector<Stamp> stamps;
  for (const std::string& path : paths_) stamps.push_back(StampOf(path));
  return stamps;
}

absl::StatusOr<std::vector<std::string>> FileReloader::Read() const {
  std::vector<std::string> contents;
  for (const std::string& path : paths_) {
    absl::StatusOr<std::string> one = ReadSmallFile(path);
    if (!one.ok()) return one.status();
    contents.push_back(*std::move(one));
  }
  return contents;
}

absl::Status FileReloader::Load() {
  // Before the files are read, so that what changes meanwhile is seen later.
  stamps_ = Stamps();
  const int64_t now = absl::ToUnixNanos(clock_->Now());
  settled_ = std::all_of(
      stamps_.begin(), stamps_.end(),
      [now](const Stamp& stamp) { return stamp.changed_ns < now - kSettleNs; });
  absl::StatusOr<std::vector<std::string>> contents = Read();
  if (!contents.ok()) return contents.status();
  if (*contents == used_) return absl::OkStatus();
  if (absl::Status s = use_(*contents); !s.ok()) return s;
  used_ = *std::move(contents);
  return absl::OkStatus();
}

void FileReloader::Refresh() {
  if (settled_ && Stamps() == stamps_) return;
  absl::Status error = Load();
  if (!error.ok() && error != error_) {
    warn_(absl::StrCat(error.message(), "; what was in ",
                       absl::StrJoin(paths_, ", "), " before still counts"));
  }
  error_ = std::move(error);
}

}  // namespace ella
