// ELLA's timestep-aware semantic connector: a perceiver resampler whose norms
// are modulated by the timestep (Hu et al., arXiv 2403.05135, section 3).
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/layers/basic_layers.h"
#include "model/layers/timestep_embedding.h"
#include "model/weights/parameter_loader.h"

namespace ella {

struct ConnectorConfig {
  int64_t text_width = 2048;
  int64_t width = 768;
  int64_t num_latents = 64;
  int64_t num_layers = 6;
  int64_t num_heads = 8;
  int64_t time_channels = 320;
  int64_t time_width = 768;

  // Sizes are read off the tensors' shapes; num_heads, which they can't tell,
  // from the `heads` of a config.json where there is one. InvalidArgument where
  // the two contradict each other.
  static absl::StatusOr<ConnectorConfig> Load(const Checkpoint& checkpoint,
                                              const std::string& config_path);
};

// Immutable; may be used by many threads.
class SemanticConnector {
 public:
  SemanticConnector(const ParameterScope& scope, const ConnectorConfig& config);

  // text [B, T, text_width], timesteps [B] float32, one a row
  // -> [B, num_latents, width]. Every one of the T tokens is attended to, but
  // for those where `mask` [B, T] of 0 and 1 is given and 0.
  at::Tensor forward(const at::Tensor& text, const at::Tensor& timesteps,
                     const at::Tensor& mask = {}) const;

  // One text [1, T, text_width] at each of timesteps [S] float32
  // -> S outputs [1, num_latents, width], each with the bytes that forward
  // gives it alone. What doesn't depend on the timestep is computed once; the
  // rest goes by itself for each timestep, since the bytes of a matrix product
  // depend on its shape, on some processors at least.
  std::vector<at::Tensor> ForwardEach(const at::Tensor& text,
                                      const at::Tensor& timesteps) const;

 private:
  // LayerNorm without parameters of its own, shifted and scaled by the time.
  class AdaptiveNorm {
   public:
    AdaptiveNorm(const ParameterScope& scope, int64_t width,
                 int64_t time_width);
    // x [B, N, width], time [B, 1, time_width] after SiLU -> like x
    at::Tensor forward(const at::Tensor& x, const at::Tensor& time) const;

   private:
    Linear linear_;
  };

  struct Block {
    Block(const ParameterScope& scope, const ConnectorConfig& config);
    // latents [B, num_latents, width], text [B, T, width], bias undefined or
    // [B, 1, 1, num_latents + T], which is added to the attention's logits
    at::Tensor forward(const at::Tensor& latents, const at::Tensor& text,
                       const at::Tensor& time,
                       const at::Tensor& bias = {}) const;

    int64_t heads;
    AdaptiveNorm latents_norm, text_norm, feed_forward_norm;
    at::Tensor in_weight;  // [3 * width, width]: queries, keys, values
    at::Tensor in_bias;    // [3 * width]
    Linear out;
    Linear c_fc, c_proj;
  };

  // -> [B, 1, time_width] after SiLU, which is before every use of it.
  at::Tensor EmbedTime(const at::Tensor& timesteps, at::ScalarType dtype) const;
  // The latents before the first block, [B, num_latents, width].
  at::Tensor InitialLatents(const at::Tensor& time) const;

  TimestepEmbedding time_embedding_;
  at::Tensor latents_;  // [num_latents, width]
  Linear time_aware_linear_;
  Linear proj_in_;
  std::vector<Block> blocks_;
};

}  // namespace ella
