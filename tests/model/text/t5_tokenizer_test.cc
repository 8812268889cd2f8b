#include "model/text/t5_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/model/weights/weights_test_files.h"

namespace ella {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using Ids = std::vector<int64_t>;

std::string ModelBytes() {
  std::ifstream file(ELLA_TOKENIZER_FILES "/spiece.model", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The bytes of a ModelProto with these pieces, text and type (1 normal, 2
// unknown, 3 control), and an empty normalizer_spec.
std::string SmallModel(const std::vector<std::pair<std::string, int>>& pieces) {
  std::string bytes;
  for (const auto& [text, type] : pieces) {
    const std::string piece =
        absl::StrCat("\x0A", std::string(1, static_cast<char>(text.size())),
                     text, "\x18", std::string(1, static_cast<char>(type)));
    absl::StrAppend(&bytes, "\x0A",
                    std::string(1, static_cast<char>(piece.size())), piece);
  }
  bytes += std::string("\x1A\0", 2);
  return bytes;
}

absl::Status LoadStatus(const TempFolder& folder) {
  return T5Tokenizer::Load(folder.path()).status();
}

class T5TokenizerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto tokenizer = T5Tokenizer::Load(ELLA_TOKENIZER_FILES);
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
    tokenizer_ = *std::move(tokenizer);
  }

  Ids Flexible(const std::string& text) {
    const auto encoded = tokenizer_->Encode(text, TokenMode::kT5Flexible);
    EXPECT_TRUE(encoded.ok()) << encoded.status();
    return encoded.ok() ? encoded->ids : Ids();
  }

  std::unique_ptr<T5Tokenizer> tokenizer_;
};

TEST_F(T5TokenizerTest, EndsEveryText) {
  EXPECT_THAT(Flexible(""), ElementsAre(1));
  EXPECT_THAT(Flexible("  \n"), ElementsAre(1));
  EXPECT_THAT(Flexible("an otter"), ElementsAre(36, 124, 711, 1));
  EXPECT_THAT(Flexible("a</s>"), ElementsAre(3, 1, 1));
}

TEST_F(T5TokenizerTest, TakesSpecialTokensLiterally) {
  EXPECT_EQ(tokenizer_->vocab_size(), 2100);
  EXPECT_THAT(Flexible("<pad></s><unk>"), ElementsAre(0, 1, 2, 1));
  EXPECT_THAT(Flexible("<extra_id_0><extra_id_99>"),
              ElementsAre(2099, 2000, 1));
  // What follows one is the start of a word again.
  EXPECT_THAT(Flexible("a<pad>a"), ElementsAre(3, 0, 3, 1));
  EXPECT_THAT(Flexible(" a <extra_id_5> a "), ElementsAre(3, 2094, 3, 1));
}

TEST_F(T5TokenizerTest, TakesAlmostSpecialTokensForText) {
  for (const char* text :
       {"<extra_id_100>", "<extra_id_07>", "<extra_id_-1>", "<extra_id_+1>",
        "<extra_id_ 1>", "<extra_id_>", "<extra_id_1", "<extra_id_",
        "<extra_id_4294967296>", "<PAD>", "<pad", "< pad>", "<s>"}) {
    const Ids ids = Flexible(text);
    EXPECT_GT(ids.size(), 2) << text;
    EXPECT_THAT(ids, Each(testing::Lt(2000))) << text;
  }
  EXPECT_THAT(Flexible("<<pad>"), ElementsAre(7, 406, 0, 1));
}

TEST_F(T5TokenizerTest, PadsToTheFixedLength) {
  const auto encoded = tokenizer_->Encode("an otter", TokenMode::kT5Fixed);
  ASSERT_TRUE(encoded.ok());
  Ids ids = {36, 124, 711, 1};
  ids.resize(128, 0);
  Ids mask = {1, 1, 1, 1};
  mask.resize(128, 0);
  EXPECT_EQ(encoded->ids, ids);
  EXPECT_EQ(encoded->mask, mask);
  EXPECT_EQ(encoded->count.given, 4);
  EXPECT_EQ(encoded->count.used, 4);
}

TEST_F(T5TokenizerTest, CutsToTheFixedLengthBeforeTheEnd) {
  std::string text;
  for (int others = 126; others <= 129; ++others) {
    text.clear();
    for (int i = 0; i < others; ++i) text += "<unk>";
    const auto encoded = tokenizer_->Encode(text, TokenMode::kT5Fixed);
    ASSERT_TRUE(encoded.ok());
    const int used = std::min(others + 1, 128);
    EXPECT_EQ(encoded->count.given, others + 1);
    EXPECT_EQ(encoded->count.used, used);
    ASSERT_THAT(encoded->ids, SizeIs(128));
    EXPECT_EQ(encoded->ids[used - 1], 1);
    EXPECT_EQ(encoded->ids[used - 2], 2);
    EXPECT_EQ(std::count(encoded->mask.begin(), encoded->mask.end(), 1), used);
  }
}

TEST_F(T5TokenizerTest, RefusesTheModeOfClip) {
  EXPECT_EQ(tokenizer_->Encode("a", TokenMode::kClip).status().code(),
            absl::StatusCode::kInternal);
}

TEST_F(T5TokenizerTest, CutsNothingFromLongTexts) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "a<pad>";
  EXPECT_THAT(Flexible(text), SizeIs(40'001));
  EXPECT_THAT(Flexible(std::string(100'000, 'a')), SizeIs(100'001));
  EXPECT_THAT(Flexible(std::string(100'000, '<')), SizeIs(100'002));
}

TEST_F(T5TokenizerTest, ServesManyThreads) {
  const Ids expected = Flexible("an otter <pad> \u72D0");
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) {
        EXPECT_EQ(Flexible("an otter <pad> \u72D0"), expected);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(T5TokenizerLoadTest, NamesTheFileThatIsMissing) {
  const TempFolder folder;
  EXPECT_EQ(LoadStatus(folder).code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Message(LoadStatus(folder)),
              HasSubstr(folder.path() + "/spiece.model"));
}

TEST(T5TokenizerLoadTest, NamesTheFileThatIsNoModel) {
  const TempFolder folder;
  for (const std::string& bytes :
       {std::string(), std::string("garbage"), ModelBytes().substr(0, 9999)}) {
    folder.Write("spiece.model", bytes);
    EXPECT_EQ(LoadStatus(folder).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(Message(LoadStatus(folder)),
                HasSubstr(folder.path() + "/spiece.model"));
  }
}

TEST(T5TokenizerLoadTest, RefusesOtherIdsOfTheSpecialTokens) {
  const TempFolder folder;
  const std::pair<std::string, int> pad = {"<pad>", 3}, end = {"</s>", 3},
                                    unknown = {"<unk>", 2}, word = {"a", 1};
  folder.Write("spiece.model", SmallModel({pad, end, unknown, word}));
  EXPECT_TRUE(LoadStatus(folder).ok()) << LoadStatus(folder);

  folder.Write("spiece.model", SmallModel({end, pad, unknown, word}));
  EXPECT_THAT(Message(LoadStatus(folder)), HasSubstr("piece 0 must be <pad>"));
  folder.Write("spiece.model", SmallModel({pad, word, unknown, end}));
  EXPECT_THAT(Message(LoadStatus(folder)), HasSubstr("piece 1 must be </s>"));
  folder.Write("spiece.model", SmallModel({pad, end, word, unknown}));
  EXPECT_THAT(Message(LoadStatus(folder)),
              AllOf(HasSubstr(folder.path() + "/spiece.model"),
                    HasSubstr("piece 2 must be <unk>")));
  folder.Write("spiece.model", SmallModel({unknown, word}));
  EXPECT_EQ(LoadStatus(folder).code(), absl::StatusCode::kInvalidArgument);
  folder.Write("spiece.model", SmallModel({pad, end, word}));
  EXPECT_EQ(LoadStatus(folder).code(), absl::StatusCode::kInvalidArgument);
}

TEST(T5TokenizerLoadTest, ReadsTheNumberOfExtraIds) {
  const TempFolder folder;
  folder.Write("spiece.model", ModelBytes());
  const auto size = [&folder] {
    const auto tokenizer = T5Tokenizer::Load(folder.path());
    return tokenizer.ok() ? (*tokenizer)->vocab_size() : -1;
  };
  EXPECT_EQ(size(), 2100);
  folder.Write("special_tokens_map.json",
               R"({"additional_special_tokens": ["<extra_id_0>", "<other>",
                   {"content": "<extra_id_1>"}, {"lstrip": true}, 5]})");
  EXPECT_EQ(size(), 2002);
  folder.Write("tokenizer_config.json", R"({"model_max_length": 512})");
  EXPECT_EQ(size(), 2002);
  folder.Write("tokenizer_config.json", R"({"extra_ids": 3})");
  EXPECT_EQ(size(), 2003);
  const auto tokenizer = T5Tokenizer::Load(folder.path());
  ASSERT_TRUE(tokenizer.ok());
  const auto encoded =
      (*tokenizer)->Encode("<extra_id_0><extra_id_2>", TokenMode::kT5Flexible);
  ASSERT_TRUE(encoded.ok());
  EXPECT_THAT(encoded->ids, ElementsAre(2002, 2000, 1));
}

TEST(T5TokenizerLoadTest, RefusesAWrongNumberOfExtraIds) {
  const TempFolder folder;
  folder.Write("spiece.model", ModelBytes());
  for (const char* json : {R"({"extra_ids": -1})", R"({"extra_ids": "100"})",
                           R"({"extra_ids": 1.5})", R"({"extra_ids": 1e9})",
                           R"({"extra_ids": 4294967297})"}) {
    folder.Write("tokenizer_config.json", json);
    EXPECT_THAT(Message(LoadStatus(folder)),
                AllOf(HasSubstr(folder.path() + "/tokenizer_config.json"),
                      HasSubstr("extra_ids must be 0 to 100000, was")));
  }
  folder.Write("tokenizer_config.json", "[");
  EXPECT_THAT(Message(LoadStatus(folder)), HasSubstr("is not a JSON object"));
}

}  // namespace
}  // namespace ella
