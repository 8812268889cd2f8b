#include "absl/strings/str_cat.h"
#include "model/writing/shape_list.h"

namespace ella {
namespace {

constexpr int64_t kImageChannels = 3;
constexpr int64_t kNoTime = 0;

void MidBlock(ShapeList& list, const std::string& name, int64_t channels) {
  list.ResnetBlock(name + ".resnets.0", channels, channels, kNoTime);
  const std::string attention = name + ".attentions.0";
  list.Norm(attention + ".group_norm", channels);
  for (const char* projection : {".to_q", ".to_k", ".to_v", ".to_out.0"}) {
    list.Linear(attention + projection, channels, channels);
  }
  list.ResnetBlock(name + ".resnets.1", channels, channels, kNoTime);
}

void Encoder(ShapeList& list, const VaeSizes& sizes) {
  const size_t blocks = sizes.channels.size();
  int64_t in = sizes.channels[0];
  list.Conv("encoder.conv_in", in, kImageChannels, 3);
  for (size_t i = 0; i < blocks; ++i) {
    const std::string block = absl::StrCat("encoder.down_blocks.", i);
    for (int j = 0; j < sizes.layers_per_block; ++j) {
      list.ResnetBlock(absl::StrCat(block, ".resnets.", j), in,
                       sizes.channels[i], kNoTime);
      in = sizes.channels[i];
    }
    if (i < blocks - 1) list.Conv(block + ".downsamplers.0.conv", in, in, 3);
  }
  MidBlock(list, "encoder.mid_block", in);
  list.Norm("encoder.conv_norm_out", in);
  // Mean and log variance of each latent.
  list.Conv("encoder.conv_out", 2 * sizes.latent_channels, in, 3);
}

void Decoder(ShapeList& list, const VaeSizes& sizes) {
  const size_t blocks = sizes.channels.size();
  int64_t in = sizes.channels.back();
  list.Conv("decoder.conv_in", in, sizes.latent_channels, 3);
  MidBlock(list, "decoder.mid_block", in);
  for (size_t i = 0; i < blocks; ++i) {
    const std::string block = absl::StrCat("decoder.up_blocks.", i);
    const int64_t out = sizes.channels[blocks - 1 - i];
    for (int j = 0; j <= sizes.layers_per_block; ++j) {
      list.ResnetBlock(absl::StrCat(block, ".resnets.", j), in, out, kNoTime);
      in = out;
    }
    if (i < blocks - 1) list.Conv(block + ".upsamplers.0.conv", in, in, 3);
  }
  list.Norm("decoder.conv_norm_out", in);
  list.Conv("decoder.conv_out", kImageChannels, in, 3);
}

}  // namespace

std::vector<TensorShape> VaeShapes(const VaeSizes& sizes) {
  ShapeList list;
  Encoder(list, sizes);
  list.Conv("quant_conv", 2 * sizes.latent_channels, 2 * sizes.latent_channels,
            1);
  list.Conv("post_quant_conv", sizes.latent_channels, sizes.latent_channels, 1);
  Decoder(list, sizes);
  return list.Take();
}

}  // namespace ella
