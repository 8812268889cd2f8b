// Reads safetensors files: an 8-byte little-endian header length, a JSON header
// of names, dtypes, shapes and offsets, then the tensors' bytes.
// Format: https://github.com/huggingface/safetensors, "Format".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/weights/mapped_file.h"

namespace ella {

enum class Dtype { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };

// "F32" and so on, as the format spells it.
const char* DtypeName(Dtype dtype);
// Bytes of one element.
int DtypeSize(Dtype dtype);

// A tensor inside a mapped file: little-endian, row-major, maybe unaligned.
struct TensorView {
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;
  absl::Span<const uint8_t> data;  // lives as long as its file's mapping
};

struct SafetensorsContents {
  std::map<std::string, TensorView> tensors;
  std::map<std::string, std::string> metadata;
};

// Reads a whole file's bytes, which the views point into; path is for messages.
// Header and data may come from anyone: errors as in SafetensorsFile::Open.
absl::StatusOr<SafetensorsContents> ParseSafetensors(
    absl::Span<const uint8_t> file, const std::string& path);

// One memory-mapped file. Immutable; may be read by many threads.
class SafetensorsFile {
 public:
  // NotFound where there is no such file, PermissionDenied where it can't be
  // read; InvalidArgument, with the file's name and what is wrong with which
  // tensor, for anything not well-formed.
  static absl::StatusOr<std::unique_ptr<SafetensorsFile>> Open(
      const std::string& path);
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  const std::string& path() const { return path_; }
  // Sorted by name.
  const std::map<std::string, TensorView>& tensors() const {
    return contents_.tensors;
  }
  const std::map<std::string, std::string>& metadata() const {
    return contents_.metadata;
  }

 private:
  SafetensorsFile() = default;

  std::string path_;
  MappedFile file_;
  SafetensorsContents contents_;
};

}  // namespace ella
