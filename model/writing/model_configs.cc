#include "model/writing/model_configs.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ella {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kDiffusersVersion[] = "0.6.0";

std::string Text(const Json& json) { return json.dump(2) + "\n"; }

// One type per block, with other types for the first and the last.
std::vector<std::string> BlockTypes(size_t count, const std::string& first,
                                    const std::string& others,
                                    const std::string& last) {
  std::vector<std::string> types(count, others);
  types.front() = first;
  types.back() = last;
  return types;
}

}  // namespace

std::string UnetConfigJson(const UnetSizes& sizes) {
  const size_t blocks = sizes.channels.size();
  const std::string down = "CrossAttnDownBlock2D";
  const std::string up = "CrossAttnUpBlock2D";
  return Text({
      {"_class_name", "UNet2DConditionModel"},
      {"_diffusers_version", kDiffusersVersion},
      {"act_fn", "silu"},
      {"attention_head_dim", sizes.heads},
      {"block_out_channels", sizes.channels},
      {"center_input_sample", false},
      {"cross_attention_dim", sizes.context},
      {"down_block_types", BlockTypes(blocks, down, down, "DownBlock2D")},
      {"downsample_padding", 1},
      {"flip_sin_to_cos", true},
      {"freq_shift", 0},
      {"in_channels", sizes.latent_channels},
      {"layers_per_block", sizes.layers_per_block},
      {"mid_block_scale_factor", 1},
      {"norm_eps", 1e-05},
      {"norm_num_groups", sizes.norm_groups},
      {"out_channels", sizes.latent_channels},
      {"sample_size", sizes.sample_size},
      {"up_block_types", BlockTypes(blocks, "UpBlock2D", up, up)},
  });
}

std::string VaeConfigJson(const VaeSizes& sizes) {
  const size_t blocks = sizes.channels.size();
  return Text({
      {"_class_name", "AutoencoderKL"},
      {"_diffusers_version", kDiffusersVersion},
      {"act_fn", "silu"},
      {"block_out_channels", sizes.channels},
      {"down_block_types",
       std::vector<std::string>(blocks, "DownEncoderBlock2D")},
      {"in_channels", 3},
      {"latent_channels", sizes.latent_channels},
      {"layers_per_block", sizes.layers_per_block},
      {"norm_num_groups", sizes.norm_groups},
      {"out_channels", 3},
      {"sample_size", sizes.sample_size},
      {"scaling_factor", sizes.scaling_factor},
      {"up_block_types", std::vector<std::string>(blocks, "UpDecoderBlock2D")},
  });
}

std::string ClipConfigJson(const ClipSizes& sizes) {
  return Text({
      {"architectures", Json::array({"CLIPTextModel"})},
      {"bos_token_id", 0},
      {"eos_token_id", 2},
      {"hidden_act", "quick_gelu"},
      {"hidden_size", sizes.hidden},
      {"intermediate_size", sizes.intermediate},
      {"layer_norm_eps", 1e-05},
      {"max_position_embeddings", sizes.positions},
      {"model_type", "clip_text_model"},
      {"num_attention_heads", sizes.heads},
      {"num_hidden_layers", sizes.layers},
      {"pad_token_id", 1},
      {"projection_dim", sizes.hidden},
      {"torch_dtype", "float32"},
      {"vocab_size", sizes.vocabulary},
  });
}

std::string T5ConfigJson(const T5Sizes& sizes) {
  return Text({
      {"architectures", Json::array({"T5ForConditionalGeneration"})},
      {"d_ff", sizes.d_ff},
      {"d_kv", sizes.d_kv},
      {"d_model", sizes.d_model},
      {"decoder_start_token_id", 0},
      {"eos_token_id", 1},
      {"feed_forward_proj", "gated-gelu"},
      {"is_encoder_decoder", true},
      {"layer_norm_epsilon", 1e-06},
      {"model_type", "t5"},
      {"n_positions", 512},
      {"num_decoder_layers", sizes.layers},
      {"num_heads", sizes.heads},
      {"num_layers", sizes.layers},
      {"pad_token_id", 0},
      {"relative_attention_max_distance", 128},
      {"relative_attention_num_buckets", sizes.position_buckets},
      {"tie_word_embeddings", false},
      {"torch_dtype", "float32"},
      {"vocab_size", sizes.vocabulary},
  });
}

std::string EllaConfigJson(const EllaSizes& sizes) {
  return Text({
      {"time_channel", sizes.time_channels},
      {"time_embed_dim", sizes.time_embedding},
      {"width", sizes.width},
      {"layers", sizes.layers},
      {"heads", sizes.heads},
      {"num_latents", sizes.latents},
      {"input_dim", sizes.input},
      {"act_fn", "silu"},
      {"out_dim", nullptr},
      {"default_guidance_scale", sizes.default_guidance_scale},
  });
}

std::string PipelineConfigJson() {
  return Text({
      {"_class_name", "StableDiffusionPipeline"},
      {"_diffusers_version", kDiffusersVersion},
      {"feature_extractor", {nullptr, nullptr}},
      {"requires_safety_checker", false},
      {"safety_checker", {nullptr, nullptr}},
      {"scheduler", {"diffusers", "PNDMScheduler"}},
      {"text_encoder", {"transformers", "CLIPTextModel"}},
      {"tokenizer", {"transformers", "CLIPTokenizer"}},
      {"unet", {"diffusers", "UNet2DConditionModel"}},
      {"vae", {"diffusers", "AutoencoderKL"}},
  });
}

std::string SchedulerConfigJson() {
  return Text({
      {"_class_name", "PNDMScheduler"},
      {"_diffusers_version", kDiffusersVersion},
      {"beta_end", 0.012},
      {"beta_schedule", "scaled_linear"},
      {"beta_start", 0.00085},
      {"clip_sample", false},
      {"num_train_timesteps", 1000},
      {"set_alpha_to_one", false},
      {"skip_prk_steps", true},
      {"steps_offset", 1},
      {"trained_betas", nullptr},
  });
}

std::string ClipTokenizerConfigJson() {
  return Text({
      {"add_prefix_space", false},
      {"bos_token", "<|startoftext|>"},
      {"do_lower_case", true},
      {"eos_token", "<|endoftext|>"},
      {"errors", "replace"},
      {"model_max_length", 77},
      {"pad_token", "<|endoftext|>"},
      {"tokenizer_class", "CLIPTokenizer"},
      {"unk_token", "<|endoftext|>"},
  });
}

std::string T5TokenizerConfigJson() {
  std::vector<std::string> extra_ids(100);
  for (size_t i = 0; i < extra_ids.size(); ++i) {
    extra_ids[i] = absl::StrCat("<extra_id_", i, ">");
  }
  return Text({
      {"additional_special_tokens", extra_ids},
      {"eos_token", "</s>"},
      {"extra_ids", 100},
      {"model_max_length", 512},
      {"pad_token", "<pad>"},
      {"tokenizer_class", "T5Tokenizer"},
      {"unk_token", "<unk>"},
  });
}

}  // namespace ella
