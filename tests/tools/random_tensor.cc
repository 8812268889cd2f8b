#include "tests/tools/random_tensor.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "absl/strings/match.h"

namespace ella {
namespace {

static_assert(std::endian::native == std::endian::little);

// FNV-1a.
uint64_t HashName(const std::string& name) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : name) {
    hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001B3;
  }
  return hash;
}

// SplitMix64's output function.
uint64_t Mix(uint64_t x) {
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
  x = (x ^ x >> 27) * 0x94D049BB133111EB;
  return x ^ x >> 31;
}

// Nearly normal, mean 0 and variance 1: the sum of four uniform numbers, which
// needs no library function that differs between machines.
float Normal(uint64_t random) {
  uint64_t sum = 0;
  for (int i = 0; i < 4; ++i) sum += random >> (16 * i) & 0xFFFF;
  constexpr double kMean = 2 * 65535.0;
  constexpr double kDeviation = 65536 * 0.57735026918962576;  // sqrt(4 / 12)
  return static_cast<float>((static_cast<double>(sum) - kMean) / kDeviation);
}

struct Distribution {
  double mean = 0;
  double deviation = 1;
};

Distribution DistributionOf(const TensorShape& tensor, int64_t fan_in) {
  const std::string& name = tensor.name;
  if (tensor.shape.size() == 1) {
    return absl::EndsWith(name, "weight") ? Distribution{1, 0.1}  // a norm
                                          : Distribution{0, 0.05};
  }
  if (absl::StrContains(name, "embedding.weight") || name == "shared.weight" ||
      name == "connector.latents") {
    return {0, 1};
  }
  if (absl::StrContains(name, "relative_attention_bias")) return {0, 0.5};
  double gain = 1;
  // T5 does not divide attention logits by the root of the head's width.
  if (absl::EndsWith(name, "SelfAttention.q.weight")) gain = 0.35;
  // AdaLN's scale stays below 1, and few pixels reach black or white.
  if (absl::StrContains(name, ".ln_")) gain = 0.5;
  if (absl::StrContains(name, "decoder.conv_out")) gain = 0.75;
  return {0, gain / std::sqrt(static_cast<double>(fan_in))};
}

}  // namespace

StoredTensor RandomTensor(const TensorShape& tensor, uint64_t seed) {
  int64_t elements = 1;
  for (const int64_t length : tensor.shape) elements *= length;
  const Distribution distribution =
      DistributionOf(tensor, elements / tensor.shape[0]);
  const uint64_t start = Mix(HashName(tensor.name) ^ Mix(seed));
  StoredTensor stored{tensor.name, Dtype::kF32, tensor.shape,
                      std::string(elements * sizeof(float), '\0')};
  for (int64_t i = 0; i < elements; ++i) {
    const uint64_t random = Mix(start + (i + 1) * 0x9E3779B97F4A7C15);
    const auto value = static_cast<float>(
        distribution.mean + distribution.deviation * Normal(random));
    std::memcpy(&stored.bytes[i * sizeof(float)], &value, sizeof(float));
  }
  return stored;
}

}  // namespace ella
