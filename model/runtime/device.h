// Which device a model runs on, and in which types.
#pragma once

#include <ATen/ATen.h>

#include <string>

#include "absl/status/statusor.h"
#include "model/api/types.h"

namespace ella {

struct ComputePlan {
  at::Device device = at::kCPU;
  // UNet, VAE, CLIP and connector. Latents are float32 in any case.
  at::ScalarType dtype = at::kFloat;
  // What T5's weights are kept in, and what they are multiplied in.
  at::ScalarType t5_weights = at::kHalf;
  at::ScalarType t5_compute = at::kFloat;

  std::string DeviceText() const;  // "cpu", "cuda:0"
  std::string DtypeText() const;
  std::string T5Text() const;  // "float16 weights, computed in float32"
};

// Resolves the options' device and types, and loads libtorch_cuda where a GPU
// is asked for or `auto` finds one. Sets the process's number of CPU threads
// and turns TF32 off, which would round float32. InvalidArgument names the
// option that is wrong or can't be had here.
absl::StatusOr<ComputePlan> PlanCompute(const EngineOptions& options);

// Waits for what a GPU has been given; nothing to do on a CPU. Throws what
// torch throws, errors of the work waited for included.
void Synchronize(at::Device device);

}  // namespace ella
