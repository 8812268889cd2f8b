// CLIP's text transformer (Radford et al., arXiv 2103.00020), in the key names
// of transformers with and without the `text_model.` prefix.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/layers/basic_layers.h"
#include "model/weights/parameter_loader.h"

namespace ella {

struct ClipConfig {
  int64_t vocab_size = 49408;
  int64_t width = 768;
  int64_t feed_forward_width = 3072;
  int64_t num_heads = 12;
  int64_t num_layers = 12;
  int64_t max_positions = 77;
  double layer_norm_epsilon = 1e-5;

  // From transformers' config.json.
  static absl::StatusOr<ClipConfig> Load(const std::string& path);
};

// Immutable; may be used by many threads.
class ClipTextEncoder {
 public:
  ClipTextEncoder(const ParameterScope& scope, const ClipConfig& config);

  // ids [B, T] int64, T at most max_positions -> [B, T, width]: the last hidden
  // state after the final norm.
  at::Tensor forward(const at::Tensor& ids) const;

 private:
  struct Block {
    Block(const ParameterScope& scope, const ClipConfig& config);
    at::Tensor forward(const at::Tensor& x) const;

    int64_t heads;
    LayerNorm attention_norm;
    Linear q, k, v, out;
    LayerNorm feed_forward_norm;
    Linear fc1, fc2;
  };

  at::Tensor tokens_;     // [vocab_size, width]
  at::Tensor positions_;  // [max_positions, width]
  std::vector<Block> blocks_;
  LayerNorm final_norm_;
};

KeyMapping ClipKeyMapping();

}  // namespace ella
