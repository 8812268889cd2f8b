#include "absl/strings/str_cat.h"
#include "model/writing/shape_list.h"

namespace ella {
namespace {

void TransformerBlock(ShapeList& list, const std::string& name,
                      int64_t channels, int64_t context) {
  list.Norm(name + ".norm", channels);
  list.Conv(name + ".proj_in", channels, channels, 1);
  const std::string block = name + ".transformer_blocks.0";
  for (const int attention : {1, 2}) {
    const int64_t source = attention == 1 ? channels : context;
    const std::string attn = absl::StrCat(block, ".attn", attention);
    list.Norm(absl::StrCat(block, ".norm", attention), channels);
    list.LinearNoBias(attn + ".to_q", channels, channels);
    list.LinearNoBias(attn + ".to_k", channels, source);
    list.LinearNoBias(attn + ".to_v", channels, source);
    list.Linear(attn + ".to_out.0", channels, channels);
  }
  list.Norm(block + ".norm3", channels);
  list.Linear(block + ".ff.net.0.proj", 8 * channels, channels);
  list.Linear(block + ".ff.net.2", channels, 4 * channels);
  list.Conv(name + ".proj_out", channels, channels, 1);
}

}  // namespace

std::vector<TensorShape> UnetShapes(const UnetSizes& sizes) {
  ShapeList list;
  const auto& channels = sizes.channels;
  const int blocks = static_cast<int>(channels.size());
  const int64_t time = 4 * channels[0];
  list.Linear("time_embedding.linear_1", time, channels[0]);
  list.Linear("time_embedding.linear_2", time, time);
  list.Conv("conv_in", channels[0], sizes.latent_channels, 3);

  // What each skip connection carries, in the order of its making.
  std::vector<int64_t> skips = {channels[0]};
  int64_t in = channels[0];
  for (int i = 0; i < blocks; ++i) {
    const std::string block = absl::StrCat("down_blocks.", i);
    for (int j = 0; j < sizes.layers_per_block; ++j) {
      list.ResnetBlock(absl::StrCat(block, ".resnets.", j), in, channels[i],
                       time);
      if (i < blocks - 1) {
        TransformerBlock(list, absl::StrCat(block, ".attentions.", j),
                         channels[i], sizes.context);
      }
      in = channels[i];
      skips.push_back(in);
    }
    if (i < blocks - 1) {
      list.Conv(block + ".downsamplers.0.conv", in, in, 3);
      skips.push_back(in);
    }
  }

  list.ResnetBlock("mid_block.resnets.0", in, in, time);
  TransformerBlock(list, "mid_block.attentions.0", in, sizes.context);
  list.ResnetBlock("mid_block.resnets.1", in, in, time);

  for (int i = 0; i < blocks; ++i) {
    const std::string block = absl::StrCat("up_blocks.", i);
    const int64_t out = channels[blocks - 1 - i];
    for (int j = 0; j <= sizes.layers_per_block; ++j) {
      list.ResnetBlock(absl::StrCat(block, ".resnets.", j), in + skips.back(),
                       out, time);
      skips.pop_back();
      if (i > 0) {
        TransformerBlock(list, absl::StrCat(block, ".attentions.", j), out,
                         sizes.context);
      }
      in = out;
    }
    if (i < blocks - 1) list.Conv(block + ".upsamplers.0.conv", in, in, 3);
  }
  list.Norm("conv_norm_out", in);
  list.Conv("conv_out", sizes.latent_channels, in, 3);
  return list.Take();
}

}  // namespace ella
