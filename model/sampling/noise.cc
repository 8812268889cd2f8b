#include "model/sampling/noise.h"

#include <ATen/CPUGeneratorImpl.h>

namespace ella {

at::Generator CreateGenerator(uint32_t seed) {
  return at::detail::createCPUGenerator(seed);
}

at::Tensor DrawNoise(at::IntArrayRef shape, at::Generator& generator) {
  return at::randn(shape, generator, at::kFloat);
}

}  // namespace ella
