#include "bench/formula/formula_weights.h"

#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ella {
namespace {

constexpr size_t kWorthAThread = 1 << 16;

// FNV-1a, 32 bits.
uint32_t HashName(const std::string& name) {
  uint32_t hash = 0x811C9DC5;
  for (const char c : name) {
    hash = (hash ^ static_cast<uint8_t>(c)) * 0x01000193;
  }
  return hash;
}

void Fill(uint32_t seed, float scale, float offset, uint32_t first,
          absl::Span<float> values) {
  float* const out = values.data();
  const size_t count = values.size();
  for (size_t i = 0; i < count; ++i) {
    uint32_t h = (first + static_cast<uint32_t>(i)) * 0x9E3779B1 + seed;
    h = (h ^ (h >> 16)) * 0x85EBCA6B;
    h = (h ^ (h >> 13)) * 0xC2B2AE35;
    h ^= h >> 16;
    // Signed, since that converts faster; it has 24 bits.
    const float unit = static_cast<float>(static_cast<int32_t>(h >> 8));
    // Exact but for the last sum.
    out[i] = (unit * 0x1p-24f - 0.5f) * scale + offset;
  }
}

}  // namespace

int64_t FormulaTensor::NumElements() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1},
                         std::multiplies<>());
}

absl::StatusOr<std::vector<FormulaTensor>> ReadFormulaTensors(
    const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("can't read ", path));
  std::vector<FormulaTensor> tensors;
  try {
    const nlohmann::json json = nlohmann::json::parse(file);
    for (const auto& [name, tensor] : json.at("tensors").items()) {
      if (tensor.at("dtype") != "F32") continue;
      tensors.push_back({name, tensor.at("shape"), tensor.at("fill_log2_scale"),
                         tensor.at("fill_offset")});
    }
  } catch (const nlohmann::json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
  return tensors;
}

void FillByFormula(const FormulaTensor& tensor, uint32_t first,
                   absl::Span<float> values) {
  const uint32_t seed = HashName(tensor.name);
  const float scale = std::ldexp(1.0f, tensor.log2_scale);
  const size_t half = values.size() < kWorthAThread ? 0 : values.size() / 2;
  std::jthread other;
  if (half > 0) {
    other = std::jthread(Fill, seed, scale, tensor.offset, first,
                         values.subspan(0, half));
  }
  Fill(seed, scale, tensor.offset, first + static_cast<uint32_t>(half),
       values.subspan(half));
}

}  // namespace ella
