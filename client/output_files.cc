#include "client/output_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ella {
namespace {

constexpr char kTemporaryPrefix[] = ".ella-";
constexpr char kTemporaryExtension[] = ".tmp";

absl::Status CannotWrite(const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
}

// Its name doesn't build on the path's, which may be as long as names can be.
std::string TemporaryPath(const std::string& path) {
  absl::BitGen random;
  const std::string name =
      absl::StrFormat("%s%016x%s", kTemporaryPrefix,
                      absl::Uniform<uint64_t>(random), kTemporaryExtension);
  return (std::filesystem::path(path).parent_path() / name).string();
}

int CreateNew(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(written);
  }
  return true;
}

absl::Status WriteToDevice(const std::string& path, std::string_view bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return CannotWrite(path);
  absl::Status status =
      WriteAll(file, bytes) ? absl::OkStatus() : CannotWrite(path);
  close(file);
  return status;
}

enum class Target { kFile, kDevice };

// What is at the path, or may be made there.
absl::StatusOr<Target> TargetOf(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return Target::kFile;
    return CannotWrite(path);
  }
  if (S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot write ", path, ": it is a folder"));
  }
  return S_ISREG(info.st_mode) ? Target::kFile : Target::kDevice;
}

}  // namespace

std::string ImagePath(const std::string& output, uint32_t index) {
  if (index == 0) return output;
  std::filesystem::path path(output);
  const std::string extension = path.extension().string();
  path.replace_extension(absl::StrCat(index, extension));
  return path.string();
}

std::string PreviewPath(const std::string& directory, uint32_t step,
                        uint32_t index) {
  return (std::filesystem::path(directory) /
          absl::StrFormat("step-%03d.%d.png", step, index))
      .string();
}

absl::Status CheckWritable(const std::string& path) {
  const absl::StatusOr<Target> target = TargetOf(path);
  if (!target.ok()) return target.status();
  if (*target == Target::kDevice) {
    return access(path.c_str(), W_OK) == 0 ? absl::OkStatus()
                                           : CannotWrite(path);
  }
  const std::string temporary = TemporaryPath(path);
  const int file = CreateNew(temporary);
  if (file < 0) return CannotWrite(path);
  close(file);
  unlink(temporary.c_str());
  return absl::OkStatus();
}

absl::Status WriteFile(const std::string& path, std::string_view bytes) {
  const absl::StatusOr<Target> target = TargetOf(path);
  if (!target.ok()) return target.status();
  if (*target == Target::kDevice) return WriteToDevice(path, bytes);

  const std::string temporary = TemporaryPath(path);
  const int file = CreateNew(temporary);
  if (file < 0) return CannotWrite(path);
  absl::Cleanup remove = [&temporary] { unlink(temporary.c_str()); };
  // Some file systems find out at fsync or close that they are full.
  const bool written = WriteAll(file, bytes) && fsync(file) == 0;
  absl::Status status = written ? absl::OkStatus() : CannotWrite(path);
  if (close(file) != 0 && status.ok()) status = CannotWrite(path);
  if (!status.ok()) return status;
  if (rename(temporary.c_str(), path.c_str()) != 0) return CannotWrite(path);
  std::move(remove).Cancel();
  return absl::OkStatus();
}

void RemoveLeftovers(const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> leftovers;
  for (std::filesystem::directory_iterator i(folder, error), end; i != end;
       i.increment(error)) {
    const std::string name = i->path().filename().string();
    if (name.rfind(kTemporaryPrefix, 0) == 0 &&
        i->path().extension() == kTemporaryExtension) {
      leftovers.push_back(i->path());
    }
  }
  for (const auto& leftover : leftovers) {
    std::filesystem::remove(leftover, error);
  }
}

}  // namespace ella
