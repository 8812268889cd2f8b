// A regular file's bytes, mapped read-only.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace ella {

// Immutable; may be read by many threads. The file must not be cut short while
// it is mapped: reading past its new end kills the process.
class MappedFile {
 public:
  // An empty file gives no bytes. NotFound where there is no such file,
  // InvalidArgument where it is no regular file, else what the system says.
  static absl::StatusOr<MappedFile> Open(const std::string& path);
  MappedFile() = default;
  ~MappedFile();

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  absl::Span<const uint8_t> bytes() const { return bytes_; }

 private:
  absl::Span<const uint8_t> bytes_;
};

}  // namespace ella
