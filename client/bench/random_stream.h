// Random numbers that a seed alone decides, on every machine.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace ella {

// The standard's distributions differ between libraries, so these are our own.
class RandomStream {
 public:
  // Streams of other numbers are independent: what is drawn from one doesn't
  // change the others.
  RandomStream(uint64_t seed, uint32_t stream) {
    std::seed_seq sequence{static_cast<uint32_t>(seed),
                           static_cast<uint32_t>(seed >> 32), stream};
    generator_.seed(sequence);
  }

  uint32_t Bits32() { return static_cast<uint32_t>(generator_() >> 32); }

  // In [0, 1).
  double Uniform() {
    return std::ldexp(static_cast<double>(generator_() >> 11), -53);
  }

  // Of mean 1.
  double Exponential() { return -std::log1p(-Uniform()); }

 private:
  std::mt19937_64 generator_;
};

}  // namespace ella
