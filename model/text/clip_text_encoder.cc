#include "model/text/clip_text_encoder.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "model/weights/json_config.h"

namespace ella {
namespace {

at::Tensor QuickGelu(const at::Tensor& x) { return x * at::sigmoid(1.702 * x); }

}  // namespace

absl::StatusOr<ClipConfig> ClipConfig::Load(const std::string& path) {
  absl::StatusOr<JsonConfig> json = JsonConfig::Open(path);
  if (!json.ok()) return json.status();
  ClipConfig config;
  json->Supports("hidden_act", "quick_gelu");
  config.vocab_size = json->Size("vocab_size");
  config.width = json->Size("hidden_size");
  config.feed_forward_width = json->Size("intermediate_size");
  config.num_heads = json->Size("num_attention_heads");
  config.num_layers = json->Size("num_hidden_layers");
  config.max_positions = json->SizeOr("max_position_embeddings", 77);
  config.layer_norm_epsilon = json->NumberOr("layer_norm_eps", 1e-5);
  if (config.width % config.num_heads != 0) {
    json->Complain("hidden_size is not a multiple of num_attention_heads");
  }
  if (config.max_positions < 77) {
    json->Complain("max_position_embeddings is less than 77");
  }
  if (!json->status().ok()) return json->status();
  return config;
}

ClipTextEncoder::Block::Block(const ParameterScope& scope,
                              const ClipConfig& config)
    : heads(config.num_heads),
      attention_norm(scope["layer_norm1"], config.width,
                     config.layer_norm_epsilon),
      q(scope["self_attn.q_proj"], config.width, config.width),
      k(scope["self_attn.k_proj"], config.width, config.width),
      v(scope["self_attn.v_proj"], config.width, config.width),
      out(scope["self_attn.out_proj"], config.width, config.width),
      feed_forward_norm(scope["layer_norm2"], config.width,
                        config.layer_norm_epsilon),
      fc1(scope["mlp.fc1"], config.width, config.feed_forward_width),
      fc2(scope["mlp.fc2"], config.feed_forward_width, config.width) {}

at::Tensor ClipTextEncoder::Block::forward(const at::Tensor& x) const {
  const at::Tensor a = attention_norm.forward(x);
  const at::Tensor y =
      x + out.forward(Attend(q.forward(a), k.forward(a), v.forward(a), heads,
                             /*causal=*/true));
  const at::Tensor f = feed_forward_norm.forward(y);
  return y + fc2.forward(QuickGelu(fc1.forward(f)));
}

ClipTextEncoder::ClipTextEncoder(const ParameterScope& scope,
                                 const ClipConfig& config)
    : tokens_(scope.Get("embeddings.token_embedding.weight",
                        {config.vocab_size, config.width})),
      positions_(scope.Get("embeddings.position_embedding.weight",
                           {config.max_positions, config.width})),
      final_norm_(scope["final_layer_norm"], config.width,
                  config.layer_norm_epsilon) {
  const ParameterScope layers = scope["encoder.layers"];
  for (int64_t i = 0; i < config.num_layers; ++i) {
    blocks_.emplace_back(layers[i], config);
  }
}

at::Tensor ClipTextEncoder::forward(const at::Tensor& ids) const {
  at::Tensor x = at::embedding(tokens_, ids) +
                 positions_.slice(/*dim=*/0, /*start=*/0, ids.size(1));
  for (const Block& block : blocks_) x = block.forward(x);
  return final_norm_.forward(x);
}

KeyMapping ClipKeyMapping() {
  KeyMapping mapping;
  mapping.rename = [](const std::string& key) {
    return std::string(absl::StripPrefix(key, "text_model."));
  };
  mapping.ignored = [](const std::string& key) {
    // Whole CLIP models hold the vision half and the projections too.
    return key == "embeddings.position_ids" || key == "logit_scale" ||
           key == "text_projection.weight" ||
           key == "visual_projection.weight" ||
           absl::StartsWith(key, "vision_model.");
  };
  return mapping;
}

}  // namespace ella
