// Writes safetensors files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/weights/safetensors.h"

namespace ella {

struct StoredTensor {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;
  std::string bytes;  // little-endian, row-major, as long as the shape says
};

// In the order given, with the metadata that PyTorch's tools expect and more.
// A file that is there is replaced as a whole, or stays as it is.
absl::Status WriteSafetensors(
    const std::string& path, const std::vector<StoredTensor>& tensors,
    const std::map<std::string, std::string>& metadata = {});

// Any other file, likewise.
absl::Status WriteBytes(const std::string& path, const std::string& bytes);

}  // namespace ella
