#include "model/training/token_batch.h"

#include <gtest/gtest.h>

#include "tests/golden/golden_sets.h"
#include "tests/golden/value_or_throw.h"

namespace ella {
namespace {

TEST(TokenBatchTest, PadsToTheLongestAndMasksThePadding) {
  const auto tokenizer =
      ValueOrThrow(T5Tokenizer::Load(GoldenSets()[0].model + "/flan-t5"));
  const TokenBatch batch = ValueOrThrow(
      TokenizeBatch(*tokenizer, {"", "a red book"}, TokenMode::kT5Flexible));
  const auto length = static_cast<int64_t>(
      tokenizer->Encode("a red book", TokenMode::kT5Flexible)->ids.size());
  ASSERT_EQ(batch.ids.sizes(), (std::vector<int64_t>{2, length}));
  EXPECT_EQ(batch.ids[0][0].item<int64_t>(), T5Tokenizer::kEndId);
  EXPECT_EQ(batch.mask.sum(1)[0].item<int64_t>(), 1);
  EXPECT_EQ(batch.mask.sum(1)[1].item<int64_t>(), length);
}

TEST(TokenBatchTest, FixedLengthIs128) {
  const auto tokenizer =
      ValueOrThrow(T5Tokenizer::Load(GoldenSets()[0].model + "/flan-t5"));
  const TokenBatch batch =
      ValueOrThrow(TokenizeBatch(*tokenizer, {"a"}, TokenMode::kT5Fixed));
  EXPECT_EQ(batch.ids.size(1), 128);
  EXPECT_LT(batch.mask.sum().item<int64_t>(), 128);
}

TEST(TokenBatchTest, ClipTokensHaveOneLength) {
  const auto tokenizer = ValueOrThrow(
      ClipTokenizer::Load(GoldenSets()[0].model + "/sd15/tokenizer"));
  const at::Tensor ids = TokenizeBatch(*tokenizer, {"", "a red book"});
  ASSERT_EQ(ids.sizes(), (std::vector<int64_t>{2, 77}));
  EXPECT_TRUE(
      at::equal(ids[1], at::tensor(tokenizer->Encode("a red book").ids)));
}

}  // namespace
}  // namespace ella
