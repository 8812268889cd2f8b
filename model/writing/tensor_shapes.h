// The names and shapes of all tensors of a network, as published checkpoints
// have them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/writing/model_sizes.h"

namespace ella {

struct TensorShape {
  std::string name;
  std::vector<int64_t> shape;
};

// In the order of a forward pass. CLIP's position_ids, which are integers and
// not in every file, are left out.
std::vector<TensorShape> UnetShapes(const UnetSizes& sizes);
std::vector<TensorShape> VaeShapes(const VaeSizes& sizes);
std::vector<TensorShape> ClipShapes(const ClipSizes& sizes);
std::vector<TensorShape> T5EncoderShapes(const T5Sizes& sizes);
std::vector<TensorShape> EllaShapes(const EllaSizes& sizes);

}  // namespace ella
