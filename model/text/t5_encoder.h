// The encoder of T5 1.1 / FLAN-T5 (Raffel et al., arXiv 1910.10683; gated GELU
// by Shazeer, arXiv 2002.05202), in the key names of transformers.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/layers/basic_layers.h"
#include "model/weights/parameter_loader.h"

namespace ella {

struct T5Config {
  int64_t vocab_size = 32128;
  int64_t d_model = 2048;
  int64_t d_kv = 64;  // width of a head
  int64_t d_ff = 5120;
  int64_t num_heads = 32;
  int64_t num_layers = 24;
  int64_t relative_buckets = 32;
  int64_t relative_max_distance = 128;
  double layer_norm_epsilon = 1e-6;

  // From transformers' config.json.
  static absl::StatusOr<T5Config> Load(const std::string& path);
};

// Which bias bucket a key `distance` = key - query away has, of `buckets`;
// bidirectional: half of them for each direction.
int64_t RelativeBucket(int64_t distance, int64_t buckets, int64_t max_distance);

struct T5Input {
  at::Tensor ids;                  // [B, T] int64
  std::optional<at::Tensor> mask;  // [B, T] of 0 and 1
};

// Immutable; may be used by many threads.
class T5Encoder {
 public:
  T5Encoder(const ParameterScope& scope, const T5Config& config);

  // -> [B, T, d_model] of type `compute` for each input. All go through a layer
  // before the next layer's turn, so that weights of a lower precision are
  // converted once for all. But each goes by itself, in its own shape: its
  // bytes are those that it has alone, on any device. Masked rows come out
  // finite, and depend on the others.
  std::vector<at::Tensor> forward(absl::Span<const T5Input> inputs,
                                  at::ScalarType compute) const;

  // One input.
  at::Tensor forward(const at::Tensor& ids,
                     const std::optional<at::Tensor>& mask,
                     at::ScalarType compute) const;

 private:
  // RMS norm: no mean, no bias; in float32.
  class Norm {
   public:
    Norm(const ParameterScope& scope, int64_t width, double eps);
    at::Tensor forward(const at::Tensor& x) const;

   private:
    at::Tensor weight_;
    double eps_;
  };

  struct Block {
    Block(const ParameterScope& scope, const T5Config& config);
    // x [B, T, d_model], bias [1 or B, heads, T, T] -> like x
    at::Tensor forward(const at::Tensor& x, const at::Tensor& bias) const;
    // With the matrices in that type.
    Block To(at::ScalarType dtype) const;

    int64_t heads;
    Norm attention_norm;
    Linear q, k, v, o;
    Norm feed_forward_norm;
    Linear wi_0, wi_1, wo;
  };

  // -> [1, heads, T, T]
  at::Tensor PositionBias(int64_t length) const;
  // The same with the mask, of type `compute` -> [1 or B, heads, T, T]
  at::Tensor AttentionBias(const T5Input& input, at::ScalarType compute) const;

  T5Config config_;
  at::Tensor embedding_;      // [vocab_size, d_model]
  at::Tensor relative_bias_;  // [relative_buckets, heads], of block 0
  std::vector<Block> blocks_;
  Norm final_norm_;
};

// The names in whole T5 models too, whose decoder is ignored.
KeyMapping T5KeyMapping();

}  // namespace ella
