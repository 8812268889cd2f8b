#include "model/training/stage.h"

#include <cmath>

namespace ella {

// SplitMix64.
uint64_t StepRandom::Next() {
  uint64_t x = seed_ += 0x9E3779B97F4A7C15;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
  x = (x ^ x >> 27) * 0x94D049BB133111EB;
  return x ^ x >> 31;
}

double StepRandom::Fraction() {
  return std::ldexp(static_cast<double>(Next() >> 11), -53);
}

}  // namespace ella
