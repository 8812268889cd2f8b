// Random numbers of a row: a Mersenne twister on the CPU, whatever the device,
// so that a seed gives the same image everywhere.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace ella {

at::Generator CreateGenerator(uint32_t seed);

// Unit normal noise, float32, on the CPU. Draws of several rows at once differ
// from the rows' own, so the shape is [1, C, h, w].
at::Tensor DrawNoise(at::IntArrayRef shape, at::Generator& generator);

}  // namespace ella
