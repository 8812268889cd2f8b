#include "model/layers/resnet_block.h"

namespace ella {

ResnetBlock::ResnetBlock(const ParameterScope& scope,
                         const ResnetOptions& options)
    : norm1_(scope["norm1"], options.norm_groups, options.in_channels,
             options.norm_epsilon),
      conv1_(scope["conv1"], options.in_channels, options.out_channels,
             /*kernel=*/3, /*stride=*/1, /*padding=*/1),
      norm2_(scope["norm2"], options.norm_groups, options.out_channels,
             options.norm_epsilon),
      conv2_(scope["conv2"], options.out_channels, options.out_channels,
             /*kernel=*/3, /*stride=*/1, /*padding=*/1) {
  if (options.time_width > 0) {
    time_emb_proj_.emplace(scope["time_emb_proj"], options.time_width,
                           options.out_channels);
  }
  if (options.in_channels != options.out_channels) {
    conv_shortcut_.emplace(scope["conv_shortcut"], options.in_channels,
                           options.out_channels, /*kernel=*/1);
  }
}

at::Tensor ResnetBlock::forward(const at::Tensor& x,
                                const at::Tensor& time) const {
  at::Tensor h = conv1_.forward(at::silu(norm1_.forward(x)));
  if (time_emb_proj_) {
    // [B, out_channels, 1, 1]
    h = h + time_emb_proj_->forward(time).unsqueeze(-1).unsqueeze(-1);
  }
  h = conv2_.forward(at::silu(norm2_.forward(h)));
  return h + (conv_shortcut_ ? conv_shortcut_->forward(x) : x);
}

}  // namespace ella
