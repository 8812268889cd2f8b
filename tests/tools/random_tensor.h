// Random weights that keep activations of a network near 1.
#pragma once

#include <cstdint>

#include "model/writing/safetensors_writer.h"
#include "model/writing/tensor_shapes.h"

namespace ella {

// The values depend on nothing but seed, name and shape, on any machine.
StoredTensor RandomTensor(const TensorShape& tensor, uint64_t seed);

}  // namespace ella
