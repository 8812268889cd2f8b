// Feeds mutated files to the safetensors reader. Besides what the sanitizers
// see, whatever it accepts must keep what its header file promises.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "model/weights/safetensors.h"

namespace {

void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto contents = ella::ParseSafetensors({data, size}, "fuzz");
  if (!contents.ok()) {
    Require(!contents.status().message().empty(), "an error says why");
    return 0;
  }
  size_t bytes = 0;
  for (const auto& [name, tensor] : contents->tensors) {
    size_t needed = ella::DtypeSize(tensor.dtype);
    for (const int64_t length : tensor.shape) {
      Require(length >= 0, "lengths are not negative");
      needed *= static_cast<size_t>(length);
    }
    Require(needed == tensor.data.size(), "the data fits shape and dtype");
    Require(tensor.data.data() >= data + 8 &&
                tensor.data.data() + tensor.data.size() <= data + size,
            "the data lies in the file");
    bytes += needed;
  }
  Require(bytes + 8 <= size, "the tensors are disjoint");
  return 0;
}
