#include "model/text/clip_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/model/weights/weights_test_files.h"

namespace ella {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Ids = std::vector<int64_t>;

constexpr int kStart = 1212;
constexpr int kEnd = 1213;
constexpr char kVocabulary[] =
    R"({"a": 0, "b": 1, "ab": 2, "<|startoftext|>": 3, "<|endoftext|>": 4})";

absl::Status LoadStatus(const TempFolder& folder) {
  return ClipTokenizer::Load(folder.path()).status();
}

class ClipTokenizerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto tokenizer = ClipTokenizer::Load(ELLA_TOKENIZER_FILES);
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
    tokenizer_ = *std::move(tokenizer);
  }

  // The ids up to the first end mark that only pads.
  Ids Used(const std::string& text) {
    const TokenizedText encoded = tokenizer_->Encode(text);
    EXPECT_THAT(encoded.ids, SizeIs(77));
    return {encoded.ids.begin(), encoded.ids.begin() + encoded.count.used};
  }

  std::unique_ptr<ClipTokenizer> tokenizer_;
};

TEST_F(ClipTokenizerTest, PadsWithTheEndMark) {
  EXPECT_EQ(tokenizer_->vocab_size(), 1214);
  Ids expected = {kStart, 320, 530};
  expected.resize(77, kEnd);
  const TokenizedText encoded = tokenizer_->Encode("A  and");
  EXPECT_EQ(encoded.ids, expected);
  EXPECT_THAT(encoded.mask, IsEmpty());
  EXPECT_EQ(encoded.count.given, 4);
  EXPECT_EQ(encoded.count.used, 4);
  EXPECT_THAT(Used(""), ElementsAre(kStart, kEnd));
  EXPECT_THAT(Used(" \n\u3000"), ElementsAre(kStart, kEnd));
}

TEST_F(ClipTokenizerTest, CutsTo75Tokens) {
  std::string text;
  for (int others = 1; others <= 78; ++others) {
    text += "a ";
    Ids expected = {kStart};
    expected.resize(1 + std::min(others, 75), 320);
    expected.resize(77, kEnd);
    const TokenizedText encoded = tokenizer_->Encode(text);
    EXPECT_EQ(encoded.ids, expected);
    EXPECT_EQ(encoded.count.given, others + 2);
    EXPECT_EQ(encoded.count.used, std::min(others + 2, 77));
  }
}

TEST_F(ClipTokenizerTest, TakesMarkersLiterally) {
  EXPECT_THAT(Used("a<|startoftext|>a<|endoftext|>a"),
              ElementsAre(kStart, 320, kStart, 320, kEnd, 320, kEnd));
  // Only the start marker is known in capitals too.
  EXPECT_THAT(Used("<|STARTOFTEXT|>"), ElementsAre(kStart, kStart, kEnd));
  EXPECT_EQ(Used("<|ENDOFTEXT|>"), Used("<| endoftext |>"));
}

TEST_F(ClipTokenizerTest, CountsLongTexts) {
  EXPECT_EQ(tokenizer_->Encode(std::string(100'000, 'a')).count.given, 100'002);
  EXPECT_EQ(tokenizer_->Encode(std::string(100'000, '\xFF')).count.given,
            300'002);
}

TEST_F(ClipTokenizerTest, ReadsTokenizerJsonToo) {
  nlohmann::json model, pairs;
  std::ifstream(ELLA_TOKENIZER_FILES "/vocab.json") >> model["vocab"];
  std::ifstream merges(ELLA_TOKENIZER_FILES "/merges.txt");
  std::string line;
  ASSERT_TRUE(std::getline(merges, line));  // the version
  while (std::getline(merges, line)) {
    model["merges"].push_back(line);
    const size_t space = line.find(' ');
    pairs.push_back({line.substr(0, space), line.substr(space + 1)});
  }
  const std::string text = "a cheerful otter, floating on its back";
  const TempFolder folder;
  folder.Write("tokenizer.json", nlohmann::json{{"model", model}}.dump());
  auto other = ClipTokenizer::Load(folder.path());
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ((*other)->Encode(text).ids, tokenizer_->Encode(text).ids);

  model["merges"] = pairs;
  folder.Write("tokenizer.json", nlohmann::json{{"model", model}}.dump());
  other = ClipTokenizer::Load(folder.path());
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ((*other)->Encode(text).ids, tokenizer_->Encode(text).ids);
}

TEST(ClipTokenizerLoadTest, NamesTheFileThatIsMissing) {
  const TempFolder folder;
  EXPECT_EQ(LoadStatus(folder).code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Message(LoadStatus(folder)),
              HasSubstr(folder.path() + "/vocab.json"));
  folder.Write("vocab.json", kVocabulary);
  EXPECT_EQ(LoadStatus(folder).code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Message(LoadStatus(folder)),
              HasSubstr(folder.path() + "/merges.txt"));
  folder.Write("merges.txt", "#version: 0.2\r\na b\r\n");
  EXPECT_TRUE(LoadStatus(folder).ok()) << LoadStatus(folder);
}

TEST(ClipTokenizerLoadTest, RefusesAWrongVocabulary) {
  const TempFolder folder;
  folder.Write("merges.txt", "a b\n");
  for (const auto& [json, what] :
       {std::pair("", "is not a JSON object"),
        {"{\"a\": 0", "is not a JSON object"},
        {"[1]", "is not a JSON object"},
        {R"({"a": "0"})", "the id of \"a\" must be 0 to 10000000, was \"0\""},
        {R"({"a": -1})", "was -1"},
        {R"({"a": 1.0})", "was 1.0"},
        {R"({"a": 4294967296})", "was 4294967296"},
        {R"({"a": 3, "b": 3})", "two tokens have the id 3"},
        {R"({"a": 0, "<|endoftext|>": 1})", "<|startoftext|> is missing"},
        {R"({"a": 0, "<|startoftext|>": 1})", "<|endoftext|> is missing"}}) {
    folder.Write("vocab.json", json);
    EXPECT_EQ(LoadStatus(folder).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(
        Message(LoadStatus(folder)),
        AllOf(HasSubstr(folder.path() + "/vocab.json"), HasSubstr(what)));
  }
}

TEST(ClipTokenizerLoadTest, RefusesWrongMerges) {
  const TempFolder folder;
  folder.Write("vocab.json", kVocabulary);
  for (const auto& [merges, what] :
       {std::pair("a b\nab", "merge 1 is not a pair"),
        {"a b c", "merge 0 is not a pair"},
        {" b", "merge 0 is not a pair"},
        {"a b\n\nb a\n", "merge 1 (b a) needs the token ba"}}) {
    folder.Write("merges.txt", merges);
    EXPECT_EQ(LoadStatus(folder).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(
        Message(LoadStatus(folder)),
        AllOf(HasSubstr(folder.path() + "/merges.txt"), HasSubstr(what)));
  }
}

TEST(ClipTokenizerLoadTest, RefusesAWrongTokenizerJson) {
  const TempFolder folder;
  for (const char* json :
       {"{}", R"({"model": 5})", R"({"model": {"vocab": {}}})",
        R"({"model": {"vocab": [], "merges": []}})",
        R"({"model": {"vocab": {}, "merges": {"a": "b"}}})",
        R"({"model": {"vocab": {}, "merges": [["a"]]}})",
        R"({"model": {"vocab": {}, "merges": [["a", 5]]}})",
        R"({"model": {"vocab": {}, "merges": ["ab"]}})",
        R"({"model": {"vocab": {}, "merges": [7]}})"}) {
    folder.Write("tokenizer.json", json);
    EXPECT_EQ(LoadStatus(folder).code(), absl::StatusCode::kInvalidArgument)
        << json;
    EXPECT_THAT(Message(LoadStatus(folder)),
                HasSubstr(folder.path() + "/tokenizer.json"));
  }
}

}  // namespace
}  // namespace ella
