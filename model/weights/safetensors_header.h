// The JSON header of a safetensors file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/weights/safetensors.h"

namespace ella {

struct TensorEntry {
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;
  // Byte range in the data, which follows the header: begin <= end, and end -
  // begin is what dtype and shape need. Nobody has looked at the data's size.
  int64_t begin = 0;
  int64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, TensorEntry> tensors;
  std::map<std::string, std::string> metadata;
};

// Checks each tensor by itself. InvalidArgument with what is wrong with which
// tensor. Needs no stack for deep nesting.
absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(
    absl::string_view json);

// A name out of a file, fit for a message: quoted, escaped, and cut if long.
std::string QuotedName(absl::string_view name);

}  // namespace ella
