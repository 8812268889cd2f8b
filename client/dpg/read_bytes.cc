#include "client/dpg/read_bytes.h"

#include <cerrno>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace ella {

absl::StatusOr<std::string> ReadBytes(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  char buffer[1 << 16];
  while (file.read(buffer, sizeof(buffer)) || file.gcount() > 0) {
    bytes.append(buffer, file.gcount());
  }
  if (!file.is_open() || file.bad()) {
    return absl::ErrnoToStatus(errno != 0 ? errno : EIO,
                               absl::StrCat("cannot read ", path));
  }
  return bytes;
}

}  // namespace ella
