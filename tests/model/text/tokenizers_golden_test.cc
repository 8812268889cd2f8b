// Token ids against those of the Python libraries.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/text/clip_tokenizer.h"
#include "model/text/t5_tokenizer.h"
#include "tests/golden/golden_sets.h"

namespace ella {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;

using Ids = std::vector<int64_t>;

struct TokenSet {
  std::string name;
  std::string t5;  // folders
  std::string clip;
  std::string tokens;  // file of prompts and ids
};

std::vector<TokenSet> TokenSets() {
  const std::string folder = ELLA_TOKENIZER_FILES;
  std::vector<TokenSet> sets = {
      {"tokens", folder, folder, folder + "/tokens.json"},
      {"random", folder, folder, folder + "/random_texts.json"}};
  for (const GoldenSet& set : GoldenSets()) {
    sets.push_back({set.name, set.model + "/flan-t5",
                    set.model + "/sd15/tokenizer",
                    set.Expected("tokens.json")});
  }
  return sets;
}

class TokenizersGoldenTest : public testing::TestWithParam<TokenSet> {
 protected:
  void SetUp() override {
    std::ifstream file(GetParam().tokens);
    ASSERT_TRUE(file) << GetParam().tokens;
    prompts_ = nlohmann::json::parse(file).at("prompts");
    ASSERT_FALSE(prompts_.empty());
  }

  nlohmann::json prompts_;
};

TEST_P(TokenizersGoldenTest, T5) {
  const auto tokenizer = T5Tokenizer::Load(GetParam().t5);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  for (const nlohmann::json& prompt : prompts_) {
    const std::string text = prompt["text"];
    SCOPED_TRACE(text);
    const Ids expected = prompt["t5_ids"];
    const int given = static_cast<int>(expected.size());

    const auto flexible = (*tokenizer)->Encode(text, TokenMode::kT5Flexible);
    ASSERT_TRUE(flexible.ok()) << flexible.status();
    EXPECT_THAT(flexible->ids, ElementsAreArray(expected));
    EXPECT_THAT(flexible->mask, IsEmpty());
    EXPECT_EQ(flexible->count.given, given);
    EXPECT_EQ(flexible->count.used, given);

    if (!prompt.contains("t5_ids_128")) continue;
    const auto fixed = (*tokenizer)->Encode(text, TokenMode::kT5Fixed);
    ASSERT_TRUE(fixed.ok()) << fixed.status();
    EXPECT_THAT(fixed->ids, ElementsAreArray(prompt["t5_ids_128"].get<Ids>()));
    EXPECT_THAT(fixed->mask,
                ElementsAreArray(prompt["t5_mask_128"].get<Ids>()));
    EXPECT_EQ(fixed->count.given, given);
    EXPECT_EQ(fixed->count.used, std::min(given, 128));
  }
}

TEST_P(TokenizersGoldenTest, Clip) {
  const auto tokenizer = ClipTokenizer::Load(GetParam().clip);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  for (const nlohmann::json& prompt : prompts_) {
    const std::string text = prompt["text"];
    SCOPED_TRACE(text);
    EXPECT_THAT((*tokenizer)->Encode(text).ids,
                ElementsAreArray(prompt["clip_ids_77"].get<Ids>()));
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, TokenizersGoldenTest,
                         testing::ValuesIn(TokenSets()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace ella
