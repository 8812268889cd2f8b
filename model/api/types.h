// Plain values that cross the seam between server and model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ella {

// How the prompt reaches the UNet.
enum class Conditioning {
  kElla,       // T5 at the prompt's own length, then the ELLA connector
  kEllaFixed,  // T5 at 128 tokens, cut or padded, then the ELLA connector
  kClip,       // plain SD1.5: CLIP at 77 tokens
};

// How a text becomes tokens.
enum class TokenMode {
  kT5Flexible,  // all tokens and the end mark, no padding
  kT5Fixed,     // 128 tokens, cut or padded, with a mask
  kClip,        // 77 tokens, cut or padded
};

enum class PreviewKind {
  kRgb,  // one pixel a latent, by a linear map
  kVae,  // decoded at full size
};

// 8 bits a channel, rows from the top, no padding: 3 * width * height bytes.
struct RgbImage {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;
};

// A text to encode; valid UTF-8.
struct Text {
  std::string text;
  TokenMode mode = TokenMode::kT5Flexible;
};

struct TokenCount {
  int given = 0;  // tokens of the text, end marks included
  int used = 0;   // of those, how many the encoder sees
};

// A validated request.
struct GenerationParams {
  std::string model;
  std::string prompt;
  std::string negative_prompt;
  Conditioning conditioning = Conditioning::kElla;
  bool fixed_negative = false;  // only with kElla
  int width = 512;              // pixels
  int height = 512;             // pixels
  int steps = 25;
  int num_images = 1;
  uint32_t seed = 0;  // of image 0; image i has seed + i modulo 2^32
  float guidance_scale = 10;
  std::string sampler = "dpmpp_2m";

  // At most 1 means no guidance: the negative prompt is not used.
  bool guided() const { return guidance_scale > 1; }
};

Text PromptText(const GenerationParams& params);
Text NegativeText(const GenerationParams& params);

// Rows of equal keys may share a Step, whatever their other settings.
struct BatchKey {
  std::string model;
  int latent_height = 0;
  int latent_width = 0;

  friend bool operator==(const BatchKey&, const BatchKey&) = default;
};

// What a loaded model is and takes.
struct ModelInfo {
  std::string name;
  std::string fingerprint;  // SHA-256 in hex
  std::string device;       // "cpu", or "cuda:0"
  std::string dtype;        // of UNet, VAE, CLIP and connector
  std::string t5_dtype;     // of the T5 weights, and what they are computed in
  std::vector<std::string> samplers;
  int default_width = 512;   // pixels
  int default_height = 512;  // pixels
  int default_steps = 25;
  float default_guidance_scale = 10;
  int latent_scale = 8;      // pixels a latent, along one side
  int64_t weight_bytes = 0;  // that the weights take
};

// Since the engine was made; bytes and entries as of now.
struct CacheStats {
  int64_t hits = 0;
  int64_t misses = 0;
  int64_t evictions = 0;
  int64_t entries = 0;
  int64_t bytes = 0;
};

// Of the device that the engine computes on: the process's resident memory on
// a CPU, what torch has allocated on a GPU.
struct MemoryStats {
  int64_t used_bytes = 0;
  int64_t peak_bytes = 0;
  int64_t free_bytes = 0;  // that can be had on top of used_bytes
};

struct EngineStats {
  CacheStats text_cache;
  CacheStats connector_cache;
  double connector_seconds = 0;  // spent in the connector so far
  MemoryStats memory;
};

struct EngineOptions {
  std::string name = "default";
  // DIR, or sd15:DIR,t5:DIR,ella:FILE.
  std::string model;
  // auto, cpu, cuda or cuda:N.
  std::string device = "auto";
  // auto, float32, bfloat16 or float16; float16 on a CPU is refused. auto:
  // float16 on CUDA; bfloat16 on a CPU with AMX or AVX512_BF16, else float32.
  std::string dtype = "auto";
  // float32, float16 or bfloat16: what T5's weights are rounded to. float16 is
  // what ELLA was trained on; other types change the images visibly.
  std::string t5_dtype = "float16";
  // Threads of one operator on a CPU; 0: one a core.
  int threads = 0;
  // Encoded texts that are kept for the next request with the same text; 0:
  // only while they are in use.
  int text_cache_mb = 256;
  // Connector outputs that are kept, by encoding and timestep; 0: none. A step
  // of a text takes 96 KiB in 16 bits, so that 512 MiB hold about 200 texts of
  // 25 steps.
  int connector_cache_mb = 512;
  // Gives each row the bytes that it would have alone. Rows share no UNet or
  // VAE call any more.
  bool batch_invariant = false;
};

}  // namespace ella
