// The parameters of one network while it is trained.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/weights/checkpoint.h"
#include "model/weights/parameter_loader.h"
#include "model/writing/safetensors_writer.h"
#include "model/writing/tensor_shapes.h"

namespace ella {

// Names to tensors, all on one device; float32 where they are trained.
using ParameterSet = std::map<std::string, at::Tensor>;

// Matrices with a variance that keeps that of their input; biases 0, norms 1,
// and 0 where a residual branch ends, so that a network starts as simple as can
// be. Equal seeds give equal parameters.
ParameterSet InitialParameters(const std::vector<TensorShape>& shapes,
                               uint64_t seed, at::Device device);

// Every tensor of a checkpoint that the mapping doesn't ignore, under the
// file's names. InvalidArgument for one of no float type.
absl::StatusOr<ParameterSet> LoadParameters(const Checkpoint& checkpoint,
                                            const LoadOptions& options,
                                            const KeyMapping& mapping = {});

// In the given type, kFloat or kHalf, ready to be written.
std::vector<StoredTensor> ToStored(const ParameterSet& parameters,
                                   at::ScalarType dtype);

// A network whose weights are the parameters, converted within autograd; so the
// network lasts for one training step. They must fit: they come from shapes or
// were checked when they were loaded.
template <typename Network, typename Config>
std::unique_ptr<Network> MakeNetwork(const ParameterSet& parameters,
                                     const Config& config,
                                     const LoadOptions& options,
                                     const KeyMapping& mapping = {}) {
  ParameterLoader loader("network", parameters, options, mapping);
  auto network = std::make_unique<Network>(loader.root(), config);
  const absl::Status status = loader.Finish();
  TORCH_CHECK(status.ok(), std::string(status.message()));
  return network;
}

}  // namespace ella
