#include "client/input_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "image/utf8.h"

namespace ella {

absl::StatusOr<std::string> ReadAll(std::istream& stream,
                                    const std::string& name) {
  std::string bytes;
  char buffer[1 << 16];
  while (stream.read(buffer, sizeof(buffer)) || stream.gcount() > 0) {
    bytes.append(buffer, stream.gcount());
  }
  if (stream.bad()) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", name));
  }
  return bytes;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::InvalidArgumentError(absl::StrCat("cannot open ", path));
  }
  return ReadAll(file, path);
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text;
  if (!IsValidUtf8(*text)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not UTF-8"));
  }
  if (text->find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " holds a NUL character"));
  }
  return std::string(absl::StripAsciiWhitespace(*text));
}

absl::StatusOr<std::vector<std::string>> ListTextFiles(
    const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator i(folder, error), end; i != end;
       i.increment(error)) {
    if (i->path().extension() == ".txt") files.push_back(i->path().string());
  }
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", folder, ": ", error.message()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace ella
