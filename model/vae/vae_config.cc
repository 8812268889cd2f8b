#include "model/vae/vae_config.h"

#include "absl/strings/str_cat.h"
#include "model/weights/json_config.h"

namespace ella {

absl::StatusOr<VaeConfig> VaeConfig::Load(const std::string& path) {
  absl::StatusOr<JsonConfig> json = JsonConfig::Open(path);
  if (!json.ok()) return json.status();
  VaeConfig config;
  json->Supports("act_fn", "silu");
  json->Supports("out_channels", 3);
  json->Supports("shift_factor", 0.0);
  json->Supports("use_quant_conv", true);
  json->Supports("use_post_quant_conv", true);
  json->Supports("mid_block_add_attention", true);
  config.latent_channels = json->SizeOr("latent_channels", 4);
  config.block_channels = json->Sizes("block_out_channels");
  config.layers_per_block = json->SizeOr("layers_per_block", 2);
  config.norm_groups = json->SizeOr("norm_num_groups", 32);
  config.scaling_factor = json->NumberOr("scaling_factor", 0.18215);
  const size_t levels = config.block_channels.size();
  const nlohmann::json up_types(levels, "UpDecoderBlock2D");
  json->Supports("up_block_types", up_types);
  if (levels > 4) {
    json->Complain(absl::StrCat(levels, " levels, at most 4 are supported"));
  }
  if (!(config.scaling_factor > 0)) {
    json->Complain("scaling_factor is not positive");
  }
  for (const int64_t channels : config.block_channels) {
    if (channels % config.norm_groups != 0) {
      json->Complain(absl::StrCat("block_out_channels ", channels,
                                  " does not divide into ", config.norm_groups,
                                  " groups"));
    }
  }
  if (!json->status().ok()) return json->status();
  return config;
}

}  // namespace ella
