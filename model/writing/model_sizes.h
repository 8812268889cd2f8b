// The numbers that config.json files hold, and that all shapes follow from.
#pragma once

#include <cstdint>
#include <vector>

namespace ella {

struct UnetSizes {
  std::vector<int64_t> channels = {320, 640, 1280, 1280};  // block_out_channels
  int64_t layers_per_block = 2;
  int64_t context = 768;  // cross_attention_dim
  int64_t heads = 8;      // called attention_head_dim
  int64_t norm_groups = 32;
  int64_t latent_channels = 4;
  int64_t sample_size = 64;  // latents along the default image's side
};

struct VaeSizes {
  std::vector<int64_t> channels = {128, 256, 512, 512};  // block_out_channels
  int64_t layers_per_block = 2;
  int64_t norm_groups = 32;
  int64_t latent_channels = 4;
  int64_t sample_size = 512;  // pixels
  double scaling_factor = 0.18215;
};

struct ClipSizes {
  int64_t hidden = 768;
  int64_t intermediate = 3072;
  int64_t layers = 12;
  int64_t heads = 12;
  int64_t vocabulary = 49408;
  int64_t positions = 77;
};

struct T5Sizes {
  int64_t d_model = 2048;
  int64_t d_kv = 64;
  int64_t heads = 32;
  int64_t d_ff = 5120;
  int64_t layers = 24;
  int64_t vocabulary = 32128;
  int64_t position_buckets = 32;
};

struct EllaSizes {
  int64_t time_channels = 320;
  int64_t time_embedding = 768;
  int64_t width = 768;
  int64_t layers = 6;
  int64_t heads = 8;
  int64_t latents = 64;
  int64_t input = 2048;  // T5's d_model
  double default_guidance_scale = 10;
};

// The defaults are SD1.5, the encoder of FLAN-T5-XL and ELLA for SD1.5.
struct ModelSizes {
  UnetSizes unet;
  VaeSizes vae;
  ClipSizes clip;
  T5Sizes t5;
  EllaSizes ella;
};

}  // namespace ella
