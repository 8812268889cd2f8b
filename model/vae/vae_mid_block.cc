#include "model/vae/vae_mid_block.h"

#include <utility>

namespace ella {

ResnetOptions VaeResnet(const VaeConfig& config, int64_t in, int64_t out) {
  return {.in_channels = in,
          .out_channels = out,
          .norm_groups = config.norm_groups,
          .norm_epsilon = kVaeNormEpsilon};
}

VaeMidBlock::VaeMidBlock(const ParameterScope& scope, const VaeConfig& config)
    : in_(scope["resnets.0"], VaeResnet(config, config.block_channels.back(),
                                        config.block_channels.back())),
      group_norm_(scope["attentions.0.group_norm"], config.norm_groups,
                  config.block_channels.back(), kVaeNormEpsilon),
      to_q_(scope["attentions.0.to_q"], config.block_channels.back(),
            config.block_channels.back()),
      to_k_(scope["attentions.0.to_k"], config.block_channels.back(),
            config.block_channels.back()),
      to_v_(scope["attentions.0.to_v"], config.block_channels.back(),
            config.block_channels.back()),
      to_out_(scope["attentions.0.to_out.0"], config.block_channels.back(),
              config.block_channels.back()),
      out_(scope["resnets.1"], VaeResnet(config, config.block_channels.back(),
                                         config.block_channels.back())) {}

at::Tensor VaeMidBlock::Attended(const at::Tensor& x) const {
  // [B, channels, h, w] -> [B, h * w, channels]
  const at::Tensor h = group_norm_.forward(x).flatten(2).transpose(1, 2);
  const at::Tensor attended = to_out_.forward(Attend(
      to_q_.forward(h), to_k_.forward(h), to_v_.forward(h), /*heads=*/1));
  return x + attended.transpose(1, 2).unflatten(2, {x.size(2), x.size(3)});
}

at::Tensor VaeMidBlock::forward(const at::Tensor& x) const {
  return out_.forward(Attended(in_.forward(x)));
}

std::string VaeKeyOfToday(const std::string& key) {
  static constexpr std::pair<const char*, const char*> kRenamed[] = {
      {".attentions.0.query.", ".attentions.0.to_q."},
      {".attentions.0.key.", ".attentions.0.to_k."},
      {".attentions.0.value.", ".attentions.0.to_v."},
      {".attentions.0.proj_attn.", ".attentions.0.to_out.0."},
  };
  for (const auto& [old_name, new_name] : kRenamed) {
    const size_t at = key.find(old_name);
    if (at != std::string::npos) {
      return std::string(key).replace(
          at, std::char_traits<char>::length(old_name), new_name);
    }
  }
  return key;
}

}  // namespace ella
