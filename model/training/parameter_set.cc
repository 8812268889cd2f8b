#include "model/training/parameter_set.h"

#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/sampling/noise.h"

namespace ella {
namespace {

// The last layers of residual branches, and of the UNet itself.
bool StartsAtZero(const std::string& name, size_t rank) {
  if (absl::EndsWith(name, "conv2.weight") ||
      absl::EndsWith(name, "proj_out.weight")) {
    return true;
  }
  return name == "conv_out.weight" && rank == 4;
}

double InitialDeviation(const TensorShape& tensor) {
  const std::string& name = tensor.name;
  if (StartsAtZero(name, tensor.shape.size())) return 0;
  if (absl::EndsWith(name, "position_embedding.weight") ||
      absl::StrContains(name, "token_embedding.weight")) {
    return 0.1;
  }
  if (name == "shared.weight" || name == "connector.latents") return 1;
  if (absl::StrContains(name, "relative_attention_bias")) return 0.1;
  double fan_in = 1;
  for (size_t i = 1; i < tensor.shape.size(); ++i) {
    fan_in *= static_cast<double>(tensor.shape[i]);
  }
  double gain = 1;
  // T5 doesn't divide attention's logits by the root of the head's width.
  if (absl::EndsWith(name, "SelfAttention.q.weight")) gain = 0.2;
  // The norms of the connector hardly depend on the timestep at first.
  if (absl::StrContains(name, ".ln_")) gain = 0.1;
  return gain / std::sqrt(fan_in);
}

// FNV-1a: a generator for each tensor, so that none depends on the others.
uint32_t SeedOf(const std::string& name, uint64_t seed) {
  uint64_t hash = 0xCBF29CE484222325 ^ seed;
  for (const char c : name) {
    hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001B3;
  }
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

at::Tensor InitialTensor(const TensorShape& tensor, uint64_t seed) {
  if (tensor.shape.size() == 1) {
    return absl::EndsWith(tensor.name, "weight") ? at::ones(tensor.shape)
                                                 : at::zeros(tensor.shape);
  }
  at::Generator generator = CreateGenerator(SeedOf(tensor.name, seed));
  return DrawNoise(tensor.shape, generator) * InitialDeviation(tensor);
}

}  // namespace

ParameterSet InitialParameters(const std::vector<TensorShape>& shapes,
                               uint64_t seed, at::Device device) {
  ParameterSet parameters;
  for (const TensorShape& shape : shapes) {
    parameters[shape.name] = InitialTensor(shape, seed).to(device);
  }
  return parameters;
}

absl::StatusOr<ParameterSet> LoadParameters(const Checkpoint& checkpoint,
                                            const LoadOptions& options,
                                            const KeyMapping& mapping) {
  ParameterLoader loader("model", checkpoint, options,
                         {.rename = {}, .ignored = mapping.ignored});
  ParameterSet parameters;
  for (const auto& [name, view] : checkpoint.tensors()) {
    const std::string key = mapping.rename ? mapping.rename(name) : name;
    if (mapping.ignored && mapping.ignored(key)) continue;
    // Away from the file, which the training may replace.
    parameters[name] = loader.Get(name, view.shape).clone();
  }
  if (absl::Status status = loader.Finish(); !status.ok()) return status;
  return parameters;
}

std::vector<StoredTensor> ToStored(const ParameterSet& parameters,
                                   at::ScalarType dtype) {
  std::vector<StoredTensor> stored;
  for (const auto& [name, parameter] : parameters) {
    const at::Tensor tensor =
        parameter.detach().to(at::kCPU, dtype).contiguous();
    stored.push_back(
        {.name = name,
         .dtype = dtype == at::kHalf ? Dtype::kF16 : Dtype::kF32,
         .shape = tensor.sizes().vec(),
         .bytes = std::string(static_cast<const char*>(tensor.data_ptr()),
                              tensor.nbytes())});
  }
  return stored;
}

}  // namespace ella
