// Weights of full-size networks that are computed instead of shipped, by a
// formula that gives the same bits on any machine: a hash of the tensor's name
// and the element's index, spread evenly around an offset. The scales in
// shapes/*.json keep the activations of each network near 1.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace ella {

struct FormulaTensor {
  int64_t NumElements() const;

  std::string name;
  std::vector<int64_t> shape;
  int log2_scale = 0;  // values span 2 to this power, half on each side of
  float offset = 0;    // this
};

// The tensors of one network, from a file of bench/formula/shapes; the integer
// ones of CLIP, which nothing needs, are left out. NotFound without the file,
// InvalidArgument where it is malformed.
absl::StatusOr<std::vector<FormulaTensor>> ReadFormulaTensors(
    const std::string& path);

// Sets `values` to the elements of the tensor from `first` on, in row-major
// order. On two threads, where there are many.
void FillByFormula(const FormulaTensor& tensor, uint32_t first,
                   absl::Span<float> values);

}  // namespace ella
