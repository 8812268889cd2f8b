#include "model/text/t5_encoder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "model/weights/json_config.h"

namespace ella {
namespace {

// float16 overflows in the feed-forward layers of large T5 models; the
// reference keeps such values this far below infinity.
constexpr double kFloat16Bound = 65504 - 1000;

at::Tensor Bounded(const at::Tensor& x) {
  return x.scalar_type() == at::kHalf ? x.clamp(-kFloat16Bound, kFloat16Bound)
                                      : x;
}

}  // namespace

absl::StatusOr<T5Config> T5Config::Load(const std::string& path) {
  absl::StatusOr<JsonConfig> json = JsonConfig::Open(path);
  if (!json.ok()) return json.status();
  T5Config config;
  json->Requires("feed_forward_proj", "gated-gelu");
  config.vocab_size = json->Size("vocab_size");
  config.d_model = json->Size("d_model");
  config.d_kv = json->Size("d_kv");
  config.d_ff = json->Size("d_ff");
  config.num_heads = json->Size("num_heads");
  config.num_layers = json->Size("num_layers");
  config.relative_buckets = json->SizeOr("relative_attention_num_buckets", 32);
  config.relative_max_distance =
      json->SizeOr("relative_attention_max_distance", 128);
  config.layer_norm_epsilon = json->NumberOr("layer_norm_epsilon", 1e-6);
  if (config.relative_buckets % 4 != 0 ||
      config.relative_max_distance <= config.relative_buckets / 4) {
    json->Complain("relative attention buckets and distance don't fit");
  }
  if (!json->status().ok()) return json->status();
  return config;
}

int64_t RelativeBucket(int64_t distance, int64_t buckets,
                       int64_t max_distance) {
  const int64_t half = buckets / 2;
  const int64_t offset = distance > 0 ? half : 0;
  const int64_t away = std::abs(distance);
  // The first half of a direction's buckets are exact, the rest logarithmic.
  const int64_t exact = half / 2;
  if (away < exact) return offset + away;
  const float part =
      std::log(static_cast<float>(away) / static_cast<float>(exact)) /
      static_cast<float>(std::log(static_cast<double>(max_distance) /
                                  static_cast<double>(exact)));
  const int64_t bucket =
      exact + static_cast<int64_t>(part * static_cast<float>(half - exact));
  return offset + std::min(bucket, half - 1);
}

T5Encoder::Norm::Norm(const ParameterScope& scope, int64_t width, double eps)
    : weight_(scope.Get("weight", {width})), eps_(eps) {}

at::Tensor T5Encoder::Norm::forward(const at::Tensor& x) const {
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor variance = wide.square().mean(-1, /*keepdim=*/true);
  const at::Tensor normed = wide * at::rsqrt(variance + eps_);
  return normed.to(x.scalar_type()) * weight_.to(x.scalar_type());
}

T5Encoder::Block::Block(const ParameterScope& scope, const T5Config& config)
    : heads(config.num_heads),
      attention_norm(scope["layer.0.layer_norm"], config.d_model,
                     config.layer_norm_epsilon),
      q(scope["layer.0.SelfAttention.q"], config.d_model, heads * config.d_kv,
        /*bias=*/false),
      k(scope["layer.0.SelfAttention.k"], config.d_model, heads * config.d_kv,
        /*bias=*/false),
      v(scope["layer.0.SelfAttention.v"], config.d_model, heads * config.d_kv,
        /*bias=*/false),
      o(scope["layer.0.SelfAttention.o"], heads * config.d_kv, config.d_model,
        /*bias=*/false),
      feed_forward_norm(scope["layer.1.layer_norm"], config.d_model,
                        config.layer_norm_epsilon),
      wi_0(scope["layer.1.DenseReluDense.wi_0"], config.d_model, config.d_ff,
           /*bias=*/false),
      wi_1(scope["layer.1.DenseReluDense.wi_1"], config.d_model, config.d_ff,
           /*bias=*/false),
      wo(scope["layer.1.DenseReluDense.wo"], config.d_ff, config.d_model,
         /*bias=*/false) {}

at::Tensor T5Encoder::Block::forward(const at::Tensor& x,
                                     const at::Tensor& bias) const {
  const at::Tensor a = attention_norm.forward(x);
  // T5 doesn't scale the logits by the head's width.
  const at::Tensor attended = AttendWithBias(
      q.forward(a), k.forward(a), v.forward(a), heads, bias, /*scale=*/1);
  const at::Tensor y = Bounded(x + o.forward(attended));
  const at::Tensor f = feed_forward_norm.forward(y);
  const at::Tensor gate = at::gelu(wi_0.forward(f), "tanh");
  return Bounded(y + wo.forward(gate * wi_1.forward(f)));
}

T5Encoder::Block T5Encoder::Block::To(at::ScalarType dtype) const {
  Block converted = *this;
  for (Linear* linear : {&converted.q, &converted.k, &converted.v, &converted.o,
                         &converted.wi_0, &converted.wi_1, &converted.wo}) {
    *linear = linear->To(dtype);
  }
  return converted;
}

T5Encoder::T5Encoder(const ParameterScope& scope, const T5Config& config)
    : config_(config),
      embedding_(
          scope.Get("shared.weight", {config.vocab_size, config.d_model})),
      relative_bias_(scope.Get(
          "encoder.block.0.layer.0.SelfAttention.relative_attention_bias"
          ".weight",
          {config.relative_buckets, config.num_heads})),
      final_norm_(scope["encoder.final_layer_norm"], config.d_model,
                  config.layer_norm_epsilon) {
  const ParameterScope blocks = scope["encoder.block"];
  for (int64_t i = 0; i < config.num_layers; ++i) {
    blocks_.emplace_back(blocks[i], config);
  }
}

at::Tensor T5Encoder::PositionBias(int64_t length) const {
  at::Tensor buckets = at::empty({length, length}, at::kLong);
  auto bucket = buckets.accessor<int64_t, 2>();
  for (int64_t query = 0; query < length; ++query) {
    for (int64_t key = 0; key < length; ++key) {
      bucket[query][key] = RelativeBucket(key - query, config_.relative_buckets,
                                          config_.relative_max_distance);
    }
  }
  // [T, T, heads] -> [1, heads, T, T]
  return at::embedding(relative_bias_, buckets.to(relative_bias_.device()))
      .permute({2, 0, 1})
      .unsqueeze(0);
}

at::Tensor T5Encoder::AttentionBias(const T5Input& input,
                                    at::ScalarType compute) const {
  const at::Tensor bias = PositionBias(input.ids.size(1)).to(compute);
  if (!input.mask.has_value()) return bias;
  // Finite, so that no row is all -inf and comes out NaN.
  const double lowest =
      compute == at::kHalf ? -65504 : std::numeric_limits<float>::lowest() / 2;
  return bias.masked_fill(
      input.mask->eq(0).view({input.mask->size(0), 1, 1, -1}), lowest);
}

std::vector<at::Tensor> T5Encoder::forward(absl::Span<const T5Input> inputs,
                                           at::ScalarType compute) const {
  std::vector<at::Tensor> hidden, biases;
  for (const T5Input& input : inputs) {
    hidden.push_back(at::embedding(embedding_, input.ids).to(compute));
    biases.push_back(AttentionBias(input, compute));
  }
  for (const Block& block : blocks_) {
    const Block converted = block.To(compute);
    for (size_t i = 0; i < hidden.size(); ++i) {
      hidden[i] = converted.forward(hidden[i], biases[i]);
    }
  }
  for (at::Tensor& x : hidden) x = final_norm_.forward(x);
  return hidden;
}

at::Tensor T5Encoder::forward(const at::Tensor& ids,
                              const std::optional<at::Tensor>& mask,
                              at::ScalarType compute) const {
  return forward({T5Input{ids, mask}}, compute)[0];
}

KeyMapping T5KeyMapping() {
  KeyMapping mapping;
  mapping.ignored = [](const std::string& key) {
    return absl::StartsWith(key, "decoder.") || key == "lm_head.weight" ||
           key == "encoder.embed_tokens.weight";
  };
  return mapping;
}

}  // namespace ella
