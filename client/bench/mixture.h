// Weighted values that a setting of the requests is drawn from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/bench/random_stream.h"

namespace ella {

struct PictureSize {
  uint32_t width = 0;   // pixels
  uint32_t height = 0;  // pixels
};

template <typename Value>
struct Mixture {
  struct Part {
    Value low;
    Value high;  // `low` where it is one value, not a range
    double weight = 1;
  };
  // Empty: the setting is left to the server.
  std::vector<Part> parts;
};

// Values with commas between them, each with an optional `:WEIGHT`; numbers
// also as ranges, `5-50`. InvalidArgument says what can't be read.
absl::StatusOr<Mixture<uint32_t>> ParseIntegerMixture(const std::string& text);
absl::StatusOr<Mixture<float>> ParseNumberMixture(const std::string& text);
absl::StatusOr<Mixture<PictureSize>> ParseSizeMixture(const std::string& text);
absl::StatusOr<Mixture<std::string>> ParseNameMixture(const std::string& text);

// One value; the mixture isn't empty. All values of a range are equally likely.
uint32_t Draw(const Mixture<uint32_t>& mixture, RandomStream& random);
float Draw(const Mixture<float>& mixture, RandomStream& random);
PictureSize Draw(const Mixture<PictureSize>& mixture, RandomStream& random);
std::string Draw(const Mixture<std::string>& mixture, RandomStream& random);

}  // namespace ella
