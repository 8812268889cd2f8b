// The sizes of a Stable Diffusion 1 UNet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ella {

struct UNetConfig {
  int64_t in_channels = 4;
  int64_t out_channels = 4;
  std::vector<int64_t> block_channels = {320, 640, 1280, 1280};
  // Whether a level has transformers, one entry a level; going down and up.
  std::vector<bool> down_attention = {true, true, true, false};
  std::vector<bool> up_attention = {false, true, true, true};
  // Heads of a level's transformers, one entry a level going down.
  std::vector<int64_t> num_heads = {8, 8, 8, 8};
  int64_t layers_per_block = 2;
  int64_t context_width = 768;
  int64_t norm_groups = 32;
  double norm_epsilon = 1e-5;
  int64_t sample_size = 64;  // latents along one side, as trained

  int64_t num_levels() const {
    return static_cast<int64_t>(block_channels.size());
  }
  int64_t time_width() const { return 4 * block_channels[0]; }

  // From diffusers' config.json. InvalidArgument naming what is not supported:
  // this is the UNet of SD 1, not that of SD 2 or SDXL.
  static absl::StatusOr<UNetConfig> Load(const std::string& path);
};

}  // namespace ella
