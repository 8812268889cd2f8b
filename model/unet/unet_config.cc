#include "model/unet/unet_config.h"

#include "absl/strings/str_cat.h"
#include "model/weights/json_config.h"

namespace ella {
namespace {

// Block types of one direction -> whether each has transformers.
std::vector<bool> ReadBlockTypes(JsonConfig* json, const std::string& key,
                                 const std::string& plain,
                                 const std::string& cross_attention,
                                 const std::vector<bool>& otherwise) {
  if (!json->Has(key)) return otherwise;
  std::vector<bool> attention;
  for (const nlohmann::json& type : json->json()[key]) {
    if (type != plain && type != cross_attention) {
      json->Complain(absl::StrCat(key, " may hold ", plain, " and ",
                                  cross_attention, " only"));
    }
    attention.push_back(type == cross_attention);
  }
  return attention;
}

// SD 1 files call the NUMBER of heads attention_head_dim.
std::vector<int64_t> ReadHeads(JsonConfig* json, size_t levels) {
  const std::string key = json->Has("num_attention_heads")
                              ? "num_attention_heads"
                              : "attention_head_dim";
  if (json->Has(key) && json->json()[key].is_array()) return json->Sizes(key);
  return std::vector<int64_t>(levels, json->SizeOr(key, 8));
}

void RefuseOtherFamilies(JsonConfig* json) {
  json->Supports("act_fn", "silu");
  json->Supports("center_input_sample", false);
  json->Supports("flip_sin_to_cos", true);
  json->Supports("freq_shift", 0);
  json->Supports("downsample_padding", 1);
  json->Supports("mid_block_scale_factor", 1);
  json->Supports("mid_block_type", "UNetMidBlock2DCrossAttn");
  json->Supports("only_cross_attention", false);
  json->Supports("dual_cross_attention", false);
  json->Supports("use_linear_projection", false);
  json->Supports("upcast_attention", false);
  json->Supports("resnet_time_scale_shift", "default");
  json->Supports("time_embedding_type", "positional");
  json->Supports("transformer_layers_per_block", 1);
  json->Supports("conv_in_kernel", 3);
  json->Supports("conv_out_kernel", 3);
  json->Supports("class_embeddings_concat", false);
  json->Supports("resnet_skip_time_act", false);
  json->Supports("resnet_out_scale_factor", 1.0);
  for (const char* key :
       {"class_embed_type", "addition_embed_type", "num_class_embeds",
        "encoder_hid_dim", "time_cond_proj_dim", "timestep_post_act",
        "time_embedding_act_fn", "time_embedding_dim", "cross_attention_norm",
        "attention_type"}) {
    if (json->Has(key) && json->json()[key] != "default") {
      json->Complain(absl::StrCat(key, " is not supported"));
    }
  }
}

}  // namespace

absl::StatusOr<UNetConfig> UNetConfig::Load(const std::string& path) {
  absl::StatusOr<JsonConfig> json = JsonConfig::Open(path);
  if (!json.ok()) return json.status();
  RefuseOtherFamilies(&*json);
  UNetConfig config;
  config.in_channels = json->SizeOr("in_channels", 4);
  config.out_channels = json->SizeOr("out_channels", 4);
  config.block_channels = json->Sizes("block_out_channels");
  const size_t levels = config.block_channels.size();
  config.down_attention =
      ReadBlockTypes(&*json, "down_block_types", "DownBlock2D",
                     "CrossAttnDownBlock2D", config.down_attention);
  config.up_attention =
      ReadBlockTypes(&*json, "up_block_types", "UpBlock2D",
                     "CrossAttnUpBlock2D", config.up_attention);
  config.num_heads = ReadHeads(&*json, levels);
  config.layers_per_block = json->SizeOr("layers_per_block", 2);
  config.context_width = json->Size("cross_attention_dim");
  config.norm_groups = json->SizeOr("norm_num_groups", 32);
  config.norm_epsilon = json->NumberOr("norm_eps", 1e-5);
  config.sample_size = json->SizeOr("sample_size", 64);
  if (config.down_attention.size() != levels ||
      config.up_attention.size() != levels ||
      config.num_heads.size() != levels) {
    json->Complain(
        "block_out_channels, down_block_types, up_block_types and "
        "attention_head_dim differ in length");
    return json->status();
  }
  if (config.in_channels != config.out_channels) {
    json->Complain(absl::StrCat("in_channels ", config.in_channels,
                                " is not out_channels ", config.out_channels));
  }
  for (size_t i = 0; i < levels; ++i) {
    const int64_t channels = config.block_channels[i];
    if (channels % config.norm_groups != 0 ||
        channels % config.num_heads[i] != 0 || channels % 2 != 0) {
      json->Complain(absl::StrCat(
          "block_out_channels ", channels, " does not divide into ",
          config.norm_groups, " groups or ", config.num_heads[i], " heads"));
    }
  }
  if (!json->status().ok()) return json->status();
  return config;
}

}  // namespace ella
