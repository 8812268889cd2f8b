#include "model/ella/semantic_connector.h"

#include <cmath>
#include <filesystem>
#include <limits>

#include "absl/strings/str_cat.h"
#include "model/weights/json_config.h"

namespace ella {
namespace {

constexpr double kNormEpsilon = 1e-6;

// Size `dim` of a tensor that has `rank` dimensions; 0 where there is none.
int64_t SizeOf(const Checkpoint& checkpoint, const std::string& key,
               size_t rank, size_t dim) {
  const auto found = checkpoint.tensors().find(key);
  if (found == checkpoint.tensors().end()) return 0;
  const std::vector<int64_t>& shape = found->second.shape;
  return shape.size() == rank ? shape[dim] : 0;
}

// What hides the text's masked tokens from the latents [B, N, width], of their
// type -> [B, 1, 1, N + T]; the latents themselves are always seen.
at::Tensor KeyBias(const at::Tensor& mask, const at::Tensor& latents) {
  const at::Tensor hidden =
      at::constant_pad_nd(mask.eq(0), {latents.size(1), 0});
  return at::zeros(hidden.sizes(), latents.options())
      .masked_fill(hidden, -std::numeric_limits<float>::infinity())
      .unsqueeze(1)
      .unsqueeze(1);
}

// What config.json says in addition to the shapes.
absl::Status CheckConfigFile(const std::string& path, ConnectorConfig* config) {
  if (!std::filesystem::exists(path)) return absl::OkStatus();
  absl::StatusOr<JsonConfig> json = JsonConfig::Open(path);
  if (!json.ok()) return json.status();
  json->Supports("input_dim", config->text_width);
  json->Supports("width", config->width);
  json->Supports("num_latents", config->num_latents);
  json->Supports("layers", config->num_layers);
  json->Supports("time_channel", config->time_channels);
  json->Supports("time_embed_dim", config->time_width);
  json->Supports("act_fn", "silu");
  if (json->Has("out_dim")) json->Complain("out_dim is not supported");
  config->num_heads = json->SizeOr("heads", config->num_heads);
  return json->status();
}

}  // namespace

absl::StatusOr<ConnectorConfig> ConnectorConfig::Load(
    const Checkpoint& checkpoint, const std::string& config_path) {
  ConnectorConfig config;
  config.num_latents = SizeOf(checkpoint, "connector.latents", 2, 0);
  config.width = SizeOf(checkpoint, "connector.latents", 2, 1);
  config.text_width = SizeOf(checkpoint, "connector.proj_in.weight", 2, 1);
  config.time_channels =
      SizeOf(checkpoint, "time_embedding.linear_1.weight", 2, 1);
  config.time_width =
      SizeOf(checkpoint, "time_embedding.linear_1.weight", 2, 0);
  for (config.num_layers = 0;
       SizeOf(checkpoint,
              absl::StrCat("connector.perceiver_blocks.", config.num_layers,
                           ".attn.in_proj_weight"),
              2, 0) > 0;
       ++config.num_layers) {
  }
  if (config.num_latents == 0 || config.text_width == 0 ||
      config.time_width == 0 || config.num_layers == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(checkpoint.path(),
                     " is not an ELLA connector: connector.latents, "
                     "connector.proj_in.weight, time_embedding.linear_1.weight "
                     "or its perceiver blocks are missing"));
  }
  if (absl::Status status = CheckConfigFile(config_path, &config);
      !status.ok()) {
    return status;
  }
  if (config.width % config.num_heads != 0 || config.time_channels % 2 != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        checkpoint.path(), ": width ", config.width, " in ", config.num_heads,
        " heads, ", config.time_channels, " time channels don't divide"));
  }
  return config;
}

SemanticConnector::AdaptiveNorm::AdaptiveNorm(const ParameterScope& scope,
                                              int64_t width, int64_t time_width)
    : linear_(scope["linear"], time_width, 2 * width) {}

at::Tensor SemanticConnector::AdaptiveNorm::forward(
    const at::Tensor& x, const at::Tensor& time) const {
  const std::vector<at::Tensor> halves = linear_.forward(time).chunk(2, -1);
  const at::Tensor& shift = halves[0];  // [B, 1, width]
  const at::Tensor& scale = halves[1];  // [B, 1, width]
  const at::Tensor normed =
      at::layer_norm(x, {x.size(-1)}, {}, {}, kNormEpsilon);
  return normed * (1 + scale) + shift;
}

SemanticConnector::Block::Block(const ParameterScope& scope,
                                const ConnectorConfig& config)
    : heads(config.num_heads),
      latents_norm(scope["ln_1"], config.width, config.time_width),
      text_norm(scope["ln_2"], config.width, config.time_width),
      feed_forward_norm(scope["ln_ff"], config.width, config.time_width),
      in_weight(
          scope.Get("attn.in_proj_weight", {3 * config.width, config.width})),
      in_bias(scope.Get("attn.in_proj_bias", {3 * config.width})),
      out(scope["attn.out_proj"], config.width, config.width),
      c_fc(scope["mlp.c_fc"], config.width, 4 * config.width),
      c_proj(scope["mlp.c_proj"], 4 * config.width, config.width) {}

at::Tensor SemanticConnector::Block::forward(const at::Tensor& latents,
                                             const at::Tensor& text,
                                             const at::Tensor& time,
                                             const at::Tensor& bias) const {
  const at::Tensor query = latents_norm.forward(latents, time);
  // [B, num_latents + T, width]
  const at::Tensor memory =
      at::cat({query, text_norm.forward(text, time)}, /*dim=*/1);
  const std::vector<at::Tensor> weight = in_weight.chunk(3);
  const std::vector<at::Tensor> offset = in_bias.chunk(3);
  const at::Tensor q = at::linear(query, weight[0], offset[0]);
  const at::Tensor k = at::linear(memory, weight[1], offset[1]);
  const at::Tensor v = at::linear(memory, weight[2], offset[2]);
  const at::Tensor attended =
      bias.defined()
          ? AttendWithBias(
                q, k, v, heads, bias,
                1 / std::sqrt(static_cast<double>(q.size(-1) / heads)))
          : Attend(q, k, v, heads);
  const at::Tensor x = latents + out.forward(attended);
  const at::Tensor hidden =
      at::relu(c_fc.forward(feed_forward_norm.forward(x, time))).square();
  return x + c_proj.forward(hidden);
}

SemanticConnector::SemanticConnector(const ParameterScope& scope,
                                     const ConnectorConfig& config)
    : time_embedding_(scope["time_embedding"], config.time_channels,
                      config.time_width),
      latents_(
          scope.Get("connector.latents", {config.num_latents, config.width})),
      time_aware_linear_(scope["connector.time_aware_linear"],
                         config.time_width, config.width),
      proj_in_(scope["connector.proj_in"], config.text_width, config.width) {
  const ParameterScope blocks = scope["connector.perceiver_blocks"];
  for (int64_t i = 0; i < config.num_layers; ++i) {
    blocks_.emplace_back(blocks[i], config);
  }
}

at::Tensor SemanticConnector::EmbedTime(const at::Tensor& timesteps,
                                        at::ScalarType dtype) const {
  return at::silu(time_embedding_.forward(timesteps, dtype)).unsqueeze(1);
}

at::Tensor SemanticConnector::InitialLatents(const at::Tensor& time) const {
  return latents_.unsqueeze(0) + time_aware_linear_.forward(time);
}

at::Tensor SemanticConnector::forward(const at::Tensor& text,
                                      const at::Tensor& timesteps,
                                      const at::Tensor& mask) const {
  const at::Tensor time = EmbedTime(timesteps, text.scalar_type());
  at::Tensor latents = InitialLatents(time);
  const at::Tensor projected = proj_in_.forward(text);
  const at::Tensor bias = mask.defined() ? KeyBias(mask, latents) : mask;
  for (const Block& block : blocks_) {
    latents = block.forward(latents, projected, time, bias);
  }
  return latents;
}

std::vector<at::Tensor> SemanticConnector::ForwardEach(
    const at::Tensor& text, const at::Tensor& timesteps) const {
  std::vector<at::Tensor> times, latents;
  for (int64_t i = 0; i < timesteps.size(0); ++i) {
    times.push_back(
        EmbedTime(timesteps.slice(0, i, i + 1).clone(), text.scalar_type()));
    latents.push_back(InitialLatents(times.back()));
  }
  const at::Tensor projected = proj_in_.forward(text);
  for (const Block& block : blocks_) {
    for (size_t i = 0; i < latents.size(); ++i) {
      latents[i] = block.forward(latents[i], projected, times[i]);
    }
  }
  return latents;
}

}  // namespace ella
