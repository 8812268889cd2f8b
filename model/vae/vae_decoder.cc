#include "model/vae/vae_decoder.h"

#include <utility>

#include "absl/strings/match.h"

namespace ella {

VaeDecoder::VaeDecoder(const ParameterScope& scope, const VaeConfig& config)
    : post_quant_conv_(scope["post_quant_conv"], config.latent_channels,
                       config.latent_channels, /*kernel=*/1),
      conv_in_(scope["decoder.conv_in"], config.latent_channels,
               config.block_channels.back(), /*kernel=*/3, /*stride=*/1,
               /*padding=*/1),
      mid_block_(scope["decoder.mid_block"], config),
      conv_norm_out_(scope["decoder.conv_norm_out"], config.norm_groups,
                     config.block_channels[0], kVaeNormEpsilon),
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
                                 VaeResnet(config, j == 0 ? in : out, out));
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
      [this](const at::Tensor& x) { return mid_block_.forward(x); }};
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
  return {.rename = VaeKeyOfToday, .ignored = [](const std::string& key) {
            return absl::StartsWith(key, "encoder.") ||
                   absl::StartsWith(key, "quant_conv.");
          }};
}

}  // namespace ella
