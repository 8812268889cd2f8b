#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "model/text/clip_text_encoder.h"
#include "model/text/t5_encoder.h"
#include "tests/full/full_size_networks.h"

namespace ella {
namespace {

TEST(TextEncodersFullTest, ClipMatchesTheReference) {
  const auto clip = LoadGolden<ClipTextEncoder>(
      FormulaCheckpoint("sd15_text_encoder"), ClipConfig(), ClipKeyMapping());
  const GoldenFile golden = FullSizeFile();
  ExpectClose(clip->forward(golden.Get("sd15_text_encoder.ids")),
              golden.Get("sd15_text_encoder.last_hidden_state"),
              kFullSizeTolerance);
}

TEST(TextEncodersFullTest, TwoLayersOfT5MatchTheReference) {
  T5Config config;
  config.num_layers = 2;
  const auto t5 = LoadGolden<T5Encoder>(
      FormulaCheckpoint("flan_t5_xl_encoder",
                        [](const std::string& name) {
                          return !absl::StartsWith(name, "encoder.block.") ||
                                 absl::StartsWith(name, "encoder.block.0.") ||
                                 absl::StartsWith(name, "encoder.block.1.");
                        }),
      config, T5KeyMapping());
  const GoldenFile golden = FullSizeFile();
  const at::Tensor ids = golden.Get("flan_t5_xl_2layers.ids");
  ExpectClose(t5->forward(ids, std::nullopt, at::kFloat),
              golden.Get("flan_t5_xl_2layers.out"), kFullSizeTolerance);

  at::Tensor padded = at::zeros({1, 128}, at::kLong);
  padded.slice(1, 0, ids.size(1)).copy_(ids);
  const at::Tensor mask = (at::arange(128) < ids.size(1)).unsqueeze(0);
  const at::Tensor rows = at::tensor({0, 16, 17, 64, 127});
  ExpectClose(
      t5->forward(padded, mask.to(at::kLong), at::kFloat).index_select(1, rows),
      golden.Get("flan_t5_xl_2layers.fixed128.rows0_16_17_64_127"),
      kFullSizeTolerance);
}

TEST(TextEncodersFullTest, T5MatchesTheReference) {
  const auto t5 = LoadGolden<T5Encoder>(FormulaCheckpoint("flan_t5_xl_encoder"),
                                        T5Config(), T5KeyMapping());
  const GoldenFile golden = FullSizeLargeFile();
  ExpectClose(t5->forward(golden.Get("flan_t5_xl_24layers.ids"), std::nullopt,
                          at::kFloat),
              golden.Get("flan_t5_xl_24layers.out"), kFullSizeTolerance);
}

}  // namespace
}  // namespace ella
