#include "model/vae/vae_decoder.h"

#include <utility>

#include "absl/strings/match.h"

namespace ella {
namespace {

constexpr double kNormEpsilon = 1e-6;

ResnetOptions Resnet(const VaeConfig& config, int64_t in, int64_t out) {
  return {.in_channels = in,
          .out_channels = out,
          .norm_groups = config.norm_groups,
          .norm_epsilon = kNormEpsilon};
}

}  // namespace

VaeDecoder::Attention::Attention(const ParameterScope& scope, int64_t channels,
                                 int64_t groups)
    : group_norm(scope["group_norm"], groups, channels, kNormEpsilon),
      to_q(scope["to_q"], channels, channels),
      to_k(scope["to_k"], channels, channels),
      to_v(scope["to_v"], channels, channels),
      to_out(scope["to_out.0"], channels, channels) {}

at::Tensor VaeDecoder::Attention::forward(const at::Tensor& x) const {
  // [B, channels, h, w] -> [B, h * w, channels]
  const at::Tensor h = group_norm.forward(x).flatten(2).transpose(1, 2);
  const at::Tensor attended = to_out.forward(
      Attend(to_q.forward(h), to_k.forward(h), to_v.forward(h), /*heads=*/1));
  return x + attended.transpose(1, 2).unflatten(2, {x.size(2), x.size(3)});
}

VaeDecoder::VaeDecoder(const ParameterScope& scope, const VaeConfig& config)
    : post_quant_conv_(scope["post_quant_conv"], config.latent_channels,
                       config.latent_channels, /*kernel=*/1),
      conv_in_(scope["decoder.conv_in"], config.latent_channels,
               config.block_channels.back(), /*kernel=*/3, /*stride=*/1,
               /*padding=*/1),
      mid_in_(scope["decoder.mid_block.resnets.0"],
              Resnet(config, config.block_channels.back(),
                     config.block_channels.back())),
      mid_attention_(scope["decoder.mid_block.attentions.0"],
                     config.block_channels.back(), config.norm_groups),
      mid_out_(scope["decoder.mid_block.resnets.1"],
               Resnet(config, config.block_channels.back(),
                      config.block_channels.back())),
      conv_norm_out_(scope["decoder.conv_norm_out"], config.norm_groups,
                     config.block_channels[0], kNormEpsilon),
      conv_out_(scope["decoder.conv_out"], config.block_channels[0],
                config.out_channels, /*kernel=*/3, /*stride=*/1,
                /*padding=*/1) {
  const int64_t levels = static_cast<int64_t>(config.block_channels.size());
  int64_t in = config.block_channels.back();
  for (int64_t i = 0; i < levels; ++i) {
    const ParameterScope block_scope = scope["decoder.up_blocks"][i];
    const int64_t out = config.block_channels[levels - 1 - i];
    UpBlock block;
    for (int64_t j = 0; j <= config.layers_per_block; ++j) {
      block.resnets.emplace_back(block_scope["resnets"][j],
                                 Resnet(config, j == 0 ? in : out, out));
    }
    if (i + 1 < levels) {
      block.upsample.emplace(block_scope["upsamplers.0.conv"], out, out,
                             /*kernel=*/3, /*stride=*/1, /*padding=*/1);
    }
    up_blocks_.push_back(std::move(block));
    in = out;
  }
  stages_ = MakeStages();
}

std::vector<VaeDecoder::Stage> VaeDecoder::MakeStages() const {
  std::vector<Stage> stages = {
      [this](const at::Tensor& z) {
        return conv_in_.forward(post_quant_conv_.forward(
            z.contiguous(at::MemoryFormat::ChannelsLast)));
      },
      [this](const at::Tensor& x) {
        return mid_out_.forward(mid_attention_.forward(mid_in_.forward(x)));
      }};
  for (const UpBlock& block : up_blocks_) {
    for (const ResnetBlock& resnet : block.resnets) {
      stages.push_back(
          [&resnet](const at::Tensor& x) { return resnet.forward(x); });
    }
    if (block.upsample) {
      stages.push_back([&upsample = *block.upsample](const at::Tensor& x) {
        return upsample.forward(
            at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}));
      });
    }
  }
  stages.push_back([this](const at::Tensor& x) {
    return conv_out_.forward(at::silu(conv_norm_out_.forward(x)));
  });
  return stages;
}

at::Tensor VaeDecoder::forward(const at::Tensor& z) const {
  at::Tensor x = z;
  for (const Stage& stage : stages_) x = stage(x);
  return x;
}

at::Tensor ToPixels(const at::Tensor& decoded) {
  return (decoded.to(at::kFloat) / 2 + 0.5)
      .clamp(0, 1)
      .mul(255)
      .round()
      .to(at::kByte)
      .permute({0, 2, 3, 1})
      .contiguous();
}

KeyMapping VaeDecoderKeyMapping() {
  KeyMapping mapping;
  mapping.rename = [](const std::string& key) {
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
  };
  mapping.ignored = [](const std::string& key) {
    return absl::StartsWith(key, "encoder.") ||
           absl::StartsWith(key, "quant_conv.");
  };
  return mapping;
}

}  // namespace ella
