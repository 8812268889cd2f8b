// Writes safetensors files.
#pragma once

#include <cstdint>
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

// In the order given, with the metadata that PyTorch's tools expect.
absl::Status WriteSafetensors(const std::string& path,
                              const std::vector<StoredTensor>& tensors);

// Any other file.
absl::Status WriteBytes(const std::string& path, const std::string& bytes);

}  // namespace ella
