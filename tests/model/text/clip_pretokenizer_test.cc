#include "model/text/clip_pretokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ella {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ClipWordsTest, SplitsAtSpacesAndKinds) {
  EXPECT_THAT(ClipWords(U""), IsEmpty());
  EXPECT_THAT(ClipWords(U" "), IsEmpty());
  EXPECT_THAT(ClipWords(U" two foxes, one!? "),
              ElementsAre("two", "foxes", ",", "one", "!?"));
}

TEST(ClipWordsTest, TakesNumbersOneByOne) {
  EXPECT_THAT(ClipWords(U"16:9\u00BD\u2167"),
              ElementsAre("1", "6", ":", "9", "\u00BD", "\u2167"));
}

TEST(ClipWordsTest, SplitsContractionsOff) {
  EXPECT_THAT(ClipWords(U"it's they're we've i'm you'll he'd don't"),
              ElementsAre("it", "'s", "they", "'re", "we", "'ve", "i", "'m",
                          "you", "'ll", "he", "'d", "don", "'t"));
  EXPECT_THAT(ClipWords(U"'single''s 'x"),
              ElementsAre("'s", "ingle", "''", "s", "'", "x"));
}

TEST(ClipWordsTest, TakesMarksAndSymbolsForPunctuation) {
  EXPECT_THAT(ClipWords(U"a\u0301\u200Db \u72D0\u72F8\u3002"),
              ElementsAre("a", "\u0301\u200D", "b", "\u72D0\u72F8", "\u3002"));
}

TEST(ClipWordsTest, KeepsTheEndMarkerApart) {
  EXPECT_THAT(ClipWords(U"<|endoftext|>!"),
              ElementsAre("<|", "endoftext", "|>", "!"));
  EXPECT_THAT(ClipWords(U"!<|endoftext|>!"),
              ElementsAre("!<|", "endoftext", "|>!"));
}

}  // namespace
}  // namespace ella
