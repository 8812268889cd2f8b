#include "model/vae/vae_encoder.h"

#include <utility>

#include "absl/strings/match.h"

namespace ella {

VaeEncoder::VaeEncoder(const ParameterScope& scope, const VaeConfig& config)
    : conv_in_(scope["encoder.conv_in"], config.out_channels,
               config.block_channels[0], /*kernel=*/3, /*stride=*/1,
               /*padding=*/1),
      mid_block_(scope["encoder.mid_block"], config),
      conv_norm_out_(scope["encoder.conv_norm_out"], config.norm_groups,
                     config.block_channels.back(), kVaeNormEpsilon),
      conv_out_(scope["encoder.conv_out"], config.block_channels.back(),
                2 * config.latent_channels, /*kernel=*/3, /*stride=*/1,
                /*padding=*/1),
      quant_conv_(scope["quant_conv"], 2 * config.latent_channels,
                  2 * config.latent_channels, /*kernel=*/1) {
  const int64_t levels = static_cast<int64_t>(config.block_channels.size());
  int64_t in = config.block_channels[0];
  for (int64_t i = 0; i < levels; ++i) {
    const ParameterScope block_scope = scope["encoder.down_blocks"][i];
    const int64_t out = config.block_channels[i];
    DownBlock block;
    for (int64_t j = 0; j < config.layers_per_block; ++j) {
      block.resnets.emplace_back(block_scope["resnets"][j],
                                 VaeResnet(config, j == 0 ? in : out, out));
    }
    if (i + 1 < levels) {
      block.downsample.emplace(block_scope["downsamplers.0.conv"], out, out,
                               /*kernel=*/3, /*stride=*/2);
    }
    down_blocks_.push_back(std::move(block));
    in = out;
  }
}

LatentDistribution VaeEncoder::forward(const at::Tensor& image) const {
  at::Tensor x =
      conv_in_.forward(image.contiguous(at::MemoryFormat::ChannelsLast));
  for (const DownBlock& block : down_blocks_) {
    for (const ResnetBlock& resnet : block.resnets) x = resnet.forward(x);
    // Padded at the right and the bottom only.
    if (block.downsample) {
      x = block.downsample->forward(at::constant_pad_nd(x, {0, 1, 0, 1}));
    }
  }
  x = conv_out_.forward(
      at::silu(conv_norm_out_.forward(mid_block_.forward(x))));
  const std::vector<at::Tensor> halves = quant_conv_.forward(x).chunk(2, 1);
  return {.mean = halves[0], .logvar = halves[1].clamp(-30, 20)};
}

KeyMapping VaeEncoderKeyMapping() {
  return {.rename = VaeKeyOfToday, .ignored = [](const std::string& key) {
            return absl::StartsWith(key, "decoder.") ||
                   absl::StartsWith(key, "post_quant_conv.");
          }};
}

}  // namespace ella
