// The sizes of a Stable Diffusion VAE.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ella {

struct VaeConfig {
  int64_t latent_channels = 4;
  int64_t out_channels = 3;
  std::vector<int64_t> block_channels = {128, 256, 512, 512};
  int64_t layers_per_block = 2;
  int64_t norm_groups = 32;
  // The VAE works on latents divided by this.
  double scaling_factor = 0.18215;

  // Pixels a latent, along one side.
  int64_t scale() const { return int64_t{1} << (block_channels.size() - 1); }

  // From diffusers' config.json.
  static absl::StatusOr<VaeConfig> Load(const std::string& path);
};

}  // namespace ella
