#include "model/text/sentencepiece_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace ella {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kFox[] = "\u72D0";  // in no piece

std::string ModelBytes() {
  std::ifstream file(ELLA_TOKENIZER_FILES "/spiece.model", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Repeat(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

// What Parse says of bytes that it refuses.
std::string Refusal(const std::string& bytes) {
  std::string error;
  return SentencePieceModel::Parse(bytes, &error) == nullptr ? error
                                                             : "accepted";
}

std::vector<int> Encode(const SentencePieceModel& model,
                        const std::string& text) {
  std::vector<int> ids;
  std::string error;
  EXPECT_TRUE(model.Encode(text, &ids, &error)) << error;
  return ids;
}

class SentencePieceModelTest : public testing::Test {
 protected:
  void SetUp() override {
    bytes_ = ModelBytes();
    std::string error;
    model_ = SentencePieceModel::Parse(bytes_, &error);
    ASSERT_NE(model_, nullptr) << error;
  }

  std::string bytes_;
  std::unique_ptr<SentencePieceModel> model_;
};

TEST_F(SentencePieceModelTest, KnowsItsPieces) {
  EXPECT_EQ(model_->size(), 2000);
  EXPECT_EQ(model_->piece(0), "<pad>");
  EXPECT_EQ(model_->piece(1), "</s>");
}

TEST_F(SentencePieceModelTest, AppendsIds) {
  std::vector<int> ids = {5};
  std::string error;
  ASSERT_TRUE(model_->Encode("an otter", &ids, &error));
  EXPECT_THAT(ids, ElementsAre(5, 36, 124, 711));
}

TEST_F(SentencePieceModelTest, EncodesNothing) {
  EXPECT_THAT(Encode(*model_, ""), IsEmpty());
  EXPECT_THAT(Encode(*model_, " \t\n"), IsEmpty());
}

TEST_F(SentencePieceModelTest, JoinsUnknownRunsOfAnyLength) {
  for (const int length : {1, 2, 999, 1000, 1001, 100'000}) {
    EXPECT_THAT(Encode(*model_, Repeat(kFox, length) + " an otter"),
                ElementsAre(7, 2, 36, 124, 711))
        << length;
  }
}

TEST_F(SentencePieceModelTest, KeepsEveryKnownCharacterOfLongWords) {
  EXPECT_THAT(Encode(*model_, Repeat("a", 100'000)), SizeIs(100'000));
  EXPECT_THAT(Encode(*model_, Repeat("<", 100'000)), SizeIs(100'001));
}

TEST_F(SentencePieceModelTest, TakesInvalidUtf8ForUnknownCharacters) {
  for (const char* text : {"\xFF", "\xC3", "\xE7\x8B", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\x80\x80\x80"}) {
    EXPECT_THAT(Encode(*model_, std::string("an ") + text),
                ElementsAre(36, 7, 2));
  }
}

TEST_F(SentencePieceModelTest, RefusesWhatIsNoModel) {
  EXPECT_EQ(Refusal(""), "is empty");
  EXPECT_EQ(Refusal("no model"), "is not a sentencepiece model");
  EXPECT_THAT(Refusal(std::string(4096, '\0')), HasSubstr("cut short"));
  const std::string one_piece("\x0A\x03\x0A\x01x", 5);
  EXPECT_THAT(Refusal(one_piece), HasSubstr("cut short"));
  EXPECT_THAT(Refusal(one_piece + std::string("\x1A\0", 2)),
              HasSubstr("refused by sentencepiece"));
}

TEST_F(SentencePieceModelTest, RefusesPiecesTheTrieCannotHold) {
  // A piece that ends early where its characters are read as C strings.
  std::string bytes = bytes_;
  bytes += std::string("\x0A\x05\x0A\x03\0xx", 7);
  EXPECT_THAT(Refusal(bytes), HasSubstr("refused by sentencepiece"));
}

TEST_F(SentencePieceModelTest, RefusesEveryCutFile) {
  for (size_t size = 0; size < bytes_.size(); size += 97) {
    EXPECT_NE(Refusal(bytes_.substr(0, size)), "accepted") << size;
  }
}

TEST_F(SentencePieceModelTest, RefusesACharsmapThatLeadsAstray) {
  // The units of the double array follow the tag, the length (3 bytes) and the
  // array's own size; the first has every offset.
  const size_t spec = bytes_.find("nmt_nfkc", 32'000);
  ASSERT_NE(spec, bytes_.npos);
  const size_t charsmap = spec + 8;
  ASSERT_EQ(bytes_[charsmap], 0x12);
  std::string out_of_bounds = bytes_;
  out_of_bounds.replace(charsmap + 8, 4, "\xFF\xFF\xFF\x7F");
  EXPECT_EQ(Refusal(out_of_bounds), "has a damaged precompiled_charsmap");

  // Every byte leads from every unit back to the first 256: never an end.
  std::string endless = bytes_;
  for (size_t byte = 0; byte < 256; ++byte) {
    const size_t unit = charsmap + 8 + 4 * byte;
    endless[unit] = static_cast<char>(byte);
    endless[unit + 1] = static_cast<char>((byte << 2) & 0xFC);
    endless[unit + 2] = static_cast<char>(byte >> 6);
    endless[unit + 3] = 0;
  }
  EXPECT_EQ(Refusal(endless), "has a damaged precompiled_charsmap");
}

TEST_F(SentencePieceModelTest, LivesWithAnyDamage) {
  int accepted = 0;
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 draw(seed);
    std::string bytes = bytes_;
    // Half of the time in the charsmap, whose damage protobuf can't see.
    const size_t begin = seed % 2 == 0 ? 0 : 33'100;
    for (int i = 0; i < 10; ++i) {
      bytes[begin + draw() % (bytes.size() - begin)] =
          static_cast<char>(draw());
    }
    std::string error;
    const auto model = SentencePieceModel::Parse(bytes, &error);
    if (model == nullptr) {
      EXPECT_NE(error, "");
      continue;
    }
    ++accepted;
    std::string text;
    for (int i = 0; i < 1000; ++i) text += static_cast<char>(draw());
    std::vector<int> ids;
    model->Encode(text, &ids, &error);
  }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace ella
