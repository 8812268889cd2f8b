#include "absl/strings/str_cat.h"
#include "model/writing/shape_list.h"

namespace ella {

std::vector<TensorShape> ClipShapes(const ClipSizes& sizes) {
  ShapeList list;
  const int64_t hidden = sizes.hidden;
  const std::string embeddings = "text_model.embeddings.";
  list.LinearNoBias(embeddings + "token_embedding", sizes.vocabulary, hidden);
  list.LinearNoBias(embeddings + "position_embedding", sizes.positions, hidden);
  for (int i = 0; i < sizes.layers; ++i) {
    const std::string layer =
        absl::StrCat("text_model.encoder.layers.", i, ".");
    list.Norm(layer + "layer_norm1", hidden);
    for (const char* projection : {"q_proj", "k_proj", "v_proj", "out_proj"}) {
      list.Linear(absl::StrCat(layer, "self_attn.", projection), hidden,
                  hidden);
    }
    list.Norm(layer + "layer_norm2", hidden);
    list.Linear(layer + "mlp.fc1", sizes.intermediate, hidden);
    list.Linear(layer + "mlp.fc2", hidden, sizes.intermediate);
  }
  list.Norm("text_model.final_layer_norm", hidden);
  return list.Take();
}

std::vector<TensorShape> T5EncoderShapes(const T5Sizes& sizes) {
  ShapeList list;
  const int64_t d_model = sizes.d_model;
  const int64_t inner = sizes.heads * sizes.d_kv;
  list.LinearNoBias("shared", sizes.vocabulary, d_model);
  for (int i = 0; i < sizes.layers; ++i) {
    const std::string block = absl::StrCat("encoder.block.", i, ".layer.");
    const std::string attention = block + "0.SelfAttention.";
    list.Add(block + "0.layer_norm.weight", {d_model});
    list.LinearNoBias(attention + "q", inner, d_model);
    list.LinearNoBias(attention + "k", inner, d_model);
    list.LinearNoBias(attention + "v", inner, d_model);
    list.LinearNoBias(attention + "o", d_model, inner);
    if (i == 0) {
      list.LinearNoBias(attention + "relative_attention_bias",
                        sizes.position_buckets, sizes.heads);
    }
    const std::string feed_forward = block + "1.DenseReluDense.";
    list.Add(block + "1.layer_norm.weight", {d_model});
    list.LinearNoBias(feed_forward + "wi_0", sizes.d_ff, d_model);
    list.LinearNoBias(feed_forward + "wi_1", sizes.d_ff, d_model);
    list.LinearNoBias(feed_forward + "wo", d_model, sizes.d_ff);
  }
  list.Add("encoder.final_layer_norm.weight", {d_model});
  return list.Take();
}

std::vector<TensorShape> EllaShapes(const EllaSizes& sizes) {
  ShapeList list;
  const int64_t width = sizes.width;
  const int64_t time = sizes.time_embedding;
  list.Linear("time_embedding.linear_1", time, sizes.time_channels);
  list.Linear("time_embedding.linear_2", time, time);
  list.Add("connector.latents", {sizes.latents, width});
  list.Linear("connector.time_aware_linear", width, time);
  list.Linear("connector.proj_in", width, sizes.input);
  for (int i = 0; i < sizes.layers; ++i) {
    const std::string block = absl::StrCat("connector.perceiver_blocks.", i);
    // Query, key and value, stacked.
    list.Add(block + ".attn.in_proj_weight", {3 * width, width});
    list.Add(block + ".attn.in_proj_bias", {3 * width});
    list.Linear(block + ".attn.out_proj", width, width);
    list.Linear(block + ".mlp.c_fc", 4 * width, width);
    list.Linear(block + ".mlp.c_proj", width, 4 * width);
    // Shift and scale, stacked.
    for (const char* norm : {".ln_1", ".ln_2", ".ln_ff"}) {
      list.Linear(absl::StrCat(block, norm, ".linear"), 2 * width, time);
    }
  }
  return list.Take();
}

}  // namespace ella
