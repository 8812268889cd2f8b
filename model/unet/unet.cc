#include "model/unet/unet.h"

#include <algorithm>

namespace ella {
namespace {

ResnetOptions Resnet(const UNetConfig& config, int64_t in, int64_t out) {
  return {.in_channels = in,
          .out_channels = out,
          .time_width = config.time_width(),
          .norm_groups = config.norm_groups,
          .norm_epsilon = config.norm_epsilon};
}

// `level` counts from the top, the level of the latents' own size.
TransformerOptions Transformer(const UNetConfig& config, int64_t level) {
  return {.channels = config.block_channels[level],
          .heads = config.num_heads[level],
          .context_width = config.context_width,
          .norm_groups = config.norm_groups};
}

}  // namespace

UNet::DownBlock UNet::MakeDownBlock(const ParameterScope& scope,
                                    const UNetConfig& config, int64_t level) {
  DownBlock block;
  const int64_t out = config.block_channels[level];
  const int64_t in = level == 0 ? out : config.block_channels[level - 1];
  for (int64_t i = 0; i < config.layers_per_block; ++i) {
    block.resnets.emplace_back(scope["resnets"][i],
                               Resnet(config, i == 0 ? in : out, out));
    if (config.down_attention[level]) {
      block.attentions.emplace_back(scope["attentions"][i],
                                    Transformer(config, level));
    }
  }
  if (level + 1 < config.num_levels()) {
    block.downsample.emplace(scope["downsamplers.0.conv"], out, out,
                             /*kernel=*/3, /*stride=*/2, /*padding=*/1);
  }
  return block;
}

// The first up block is that of the deepest level.
UNet::UpBlock UNet::MakeUpBlock(const ParameterScope& scope,
                                const UNetConfig& config, int64_t index) {
  UpBlock block;
  const int64_t level = config.num_levels() - 1 - index;
  const auto& channels = config.block_channels;
  const int64_t out = channels[level];
  const int64_t below = index == 0 ? out : channels[level + 1];
  const int64_t above = channels[std::max<int64_t>(level - 1, 0)];
  for (int64_t i = 0; i <= config.layers_per_block; ++i) {
    const int64_t skip = i == config.layers_per_block ? above : out;
    block.resnets.emplace_back(
        scope["resnets"][i],
        Resnet(config, (i == 0 ? below : out) + skip, out));
    if (config.up_attention[index]) {
      block.attentions.emplace_back(scope["attentions"][i],
                                    Transformer(config, level));
    }
  }
  if (level > 0) {
    block.upsample.emplace(scope["upsamplers.0.conv"], out, out, /*kernel=*/3,
                           /*stride=*/1, /*padding=*/1);
  }
  return block;
}

UNet::UNet(const ParameterScope& scope, const UNetConfig& config)
    : conv_in_(scope["conv_in"], config.in_channels, config.block_channels[0],
               /*kernel=*/3, /*stride=*/1, /*padding=*/1),
      time_embedding_(scope["time_embedding"], config.block_channels[0],
                      config.time_width()),
      mid_in_(scope["mid_block.resnets.0"],
              Resnet(config, config.block_channels.back(),
                     config.block_channels.back())),
      mid_attention_(scope["mid_block.attentions.0"],
                     Transformer(config, config.num_levels() - 1)),
      mid_out_(scope["mid_block.resnets.1"],
               Resnet(config, config.block_channels.back(),
                      config.block_channels.back())),
      conv_norm_out_(scope["conv_norm_out"], config.norm_groups,
                     config.block_channels[0], config.norm_epsilon),
      conv_out_(scope["conv_out"], config.block_channels[0],
                config.out_channels, /*kernel=*/3, /*stride=*/1,
                /*padding=*/1) {
  for (int64_t i = 0; i < config.num_levels(); ++i) {
    down_blocks_.push_back(MakeDownBlock(scope["down_blocks"][i], config, i));
    up_blocks_.push_back(MakeUpBlock(scope["up_blocks"][i], config, i));
  }
}

at::Tensor UNet::forward(const at::Tensor& sample, const at::Tensor& timesteps,
                         const Contexts& contexts,
                         std::vector<CrossAttention>* seen) const {
  // Every use of the time embedding is behind a SiLU.
  const at::Tensor time =
      at::silu(time_embedding_.forward(timesteps, sample.scalar_type()));
  at::Tensor x =
      conv_in_.forward(sample.contiguous(at::MemoryFormat::ChannelsLast));
  std::vector<at::Tensor> skips = {x};
  for (const DownBlock& block : down_blocks_) {
    for (size_t i = 0; i < block.resnets.size(); ++i) {
      x = block.resnets[i].forward(x, time);
      if (!block.attentions.empty()) {
        x = block.attentions[i].forward(x, contexts, seen);
      }
      skips.push_back(x);
    }
    if (block.downsample) {
      x = block.downsample->forward(x);
      skips.push_back(x);
    }
  }
  x = mid_in_.forward(x, time);
  x = mid_attention_.forward(x, contexts, seen);
  x = mid_out_.forward(x, time);
  for (const UpBlock& block : up_blocks_) {
    for (size_t i = 0; i < block.resnets.size(); ++i) {
      x = block.resnets[i].forward(at::cat({x, skips.back()}, 1), time);
      skips.pop_back();
      if (!block.attentions.empty()) {
        x = block.attentions[i].forward(x, contexts, seen);
      }
    }
    if (block.upsample) {
      // To the exact size of the next skip: twice, or one less where the way
      // down rounded up.
      x = block.upsample->forward(at::upsample_nearest2d(
          x, {skips.back().size(2), skips.back().size(3)}));
    }
  }
  return conv_out_.forward(at::silu(conv_norm_out_.forward(x)));
}

std::vector<const SpatialTransformer*> UNet::Transformers() const {
  std::vector<const SpatialTransformer*> transformers;
  const auto add = [&transformers](const auto& blocks) {
    for (const auto& block : blocks) {
      for (const SpatialTransformer& attention : block.attentions) {
        transformers.push_back(&attention);
      }
    }
  };
  add(down_blocks_);
  transformers.push_back(&mid_attention_);
  add(up_blocks_);
  return transformers;
}

std::vector<at::Tensor> UNet::CrossAttend(
    const std::vector<CrossAttention>& seen, const Contexts& contexts) const {
  const std::vector<const SpatialTransformer*> transformers = Transformers();
  std::vector<at::Tensor> told;
  for (size_t i = 0; i < seen.size(); ++i) {
    told.push_back(transformers[i]->CrossAttend(seen[i].asked, contexts));
  }
  return told;
}

}  // namespace ella
