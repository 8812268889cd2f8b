#include "model/text/byte_pair_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/model/weights/weights_test_files.h"

namespace ella {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kUnknown = 99;

class BytePairEncoderTest : public testing::Test {
 protected:
  std::vector<int64_t> Encode(const std::string& word) {
    const auto encoder =
        BytePairEncoder::Create(vocabulary_, merges_, kUnknown);
    EXPECT_TRUE(encoder.ok()) << encoder.status();
    std::vector<int64_t> ids;
    if (encoder.ok()) encoder->Encode(word, &ids);
    return ids;
  }

  Vocabulary vocabulary_ = {{"a", 0},      {"b", 1},          {"a</w>", 2},
                            {"b</w>", 3},  {"ab", 4},         {"ba", 5},
                            {"ab</w>", 6}, {"aab</w>", 7},    {"\u00C3", 8},
                            {"\u0100", 9}, {"\u00A9</w>", 10}};
  std::vector<std::pair<std::string, std::string>> merges_ = {
      {"b", "a"}, {"a", "b</w>"}, {"a", "b"}, {"a", "ab</w>"}};
};

TEST_F(BytePairEncoderTest, MarksTheEndOfAWord) {
  EXPECT_THAT(Encode(""), IsEmpty());
  EXPECT_THAT(Encode("a"), ElementsAre(2));
  EXPECT_THAT(Encode("aa"), ElementsAre(0, 2));
}

TEST_F(BytePairEncoderTest, MergesByRankThenFromTheLeft) {
  EXPECT_THAT(Encode("ab"), ElementsAre(6));
  EXPECT_THAT(Encode("aab"), ElementsAre(7));
  // ba comes before ab and takes the a that ab would need.
  EXPECT_THAT(Encode("abab"), ElementsAre(0, 5, 3));
  EXPECT_THAT(Encode("abb"), ElementsAre(4, 3));
}

TEST_F(BytePairEncoderTest, SpellsBytesAsCharacters) {
  // U+00E9 is C3 A9; byte 0 is spelled U+0100.
  EXPECT_THAT(Encode("\u00E9"), ElementsAre(8, 10));
  EXPECT_THAT(Encode(std::string("\0a", 2)), ElementsAre(9, 2));
}

TEST_F(BytePairEncoderTest, GivesTheUnknownIdToOtherBytes) {
  EXPECT_THAT(Encode("a\xFF"), ElementsAre(0, kUnknown));
  EXPECT_THAT(Encode("cc"), ElementsAre(kUnknown, kUnknown));
}

TEST_F(BytePairEncoderTest, EncodesLongWords) {
  std::string word;
  for (int i = 0; i < 100'000; ++i) word += "ab";
  // a, then every ba, then b.
  EXPECT_THAT(Encode(word), SizeIs(100'001));
}

TEST_F(BytePairEncoderTest, RefusesMergesOfUnknownTokens) {
  for (const auto& [left, right, missing] :
       {std::tuple("x", "a", "x"), {"a", "x", "x"}, {"b", "b", "bb"}}) {
    merges_.resize(4);
    merges_.emplace_back(left, right);
    const auto status =
        BytePairEncoder::Create(vocabulary_, merges_, kUnknown).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(Message(status), HasSubstr("merge 4"));
    EXPECT_THAT(Message(status),
                HasSubstr(std::string("the token ") + missing + ","));
  }
}

}  // namespace
}  // namespace ella
