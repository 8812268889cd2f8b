// Random choices that a seed alone decides, on every machine.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace ella {

// The standard's distributions differ between libraries, so these are our own.
// Refers to the generator, and advances it: no two choices may be arguments of
// one call, whose order compilers choose.
class Chooser {
 public:
  explicit Chooser(std::mt19937_64& random) : random_(random) {}

  // In [0, count).
  int Below(int count) {
    return static_cast<int>(((random_() >> 32) * count) >> 32);
  }

  // In [low, high).
  double Uniform(double low, double high) {
    const double part = std::ldexp(static_cast<double>(random_() >> 11), -53);
    return low + part * (high - low);
  }

  bool Chance(double probability) { return Uniform(0, 1) < probability; }

  template <typename Values>
  auto Pick(const Values& values) {
    return values.begin()[Below(static_cast<int>(values.size()))];
  }

  template <typename Value>
  void Shuffle(std::vector<Value>& values) {
    for (int i = static_cast<int>(values.size()) - 1; i > 0; --i) {
      std::swap(values[i], values[Below(i + 1)]);
    }
  }

 private:
  std::mt19937_64& random_;
};

}  // namespace ella
