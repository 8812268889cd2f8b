#include "model/text/clip_normalizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ella {
namespace {

TEST(ClipNormalizeTest, ComposesCharacters) {
  EXPECT_EQ(ClipNormalize("e\u0301"), U"\u00E9");
  EXPECT_EQ(ClipNormalize("\u212B"), U"\u00E5");  // the angstrom sign
  EXPECT_EQ(ClipNormalize("\u1100\u1161\u11A8"), U"\uAC01");
  // Not the compatibility forms.
  EXPECT_EQ(ClipNormalize("\uFB01\uFF41"), U"\uFB01\uFF41");
}

TEST(ClipNormalizeTest, OrdersMarks) {
  EXPECT_EQ(ClipNormalize("a\u0301\u0323"), U"\u1EA1\u0301");
  EXPECT_EQ(ClipNormalize("a\u0323\u0301"), U"\u1EA1\u0301");
}

TEST(ClipNormalizeTest, KeepsAVowelThatIsNoFinalConsonant) {
  EXPECT_EQ(ClipNormalize("\uAC00\u11A7\u11A8e\u0301"),
            U"\uAC00\u11A7\u11A8\u00E9");
}

TEST(ClipNormalizeTest, JoinsWhiteSpace) {
  EXPECT_EQ(ClipNormalize(" a \t\r\n\v\f b\u0085\u00A0\u2028\u2029\u3000c"),
            U" a b c");
  // These are none.
  EXPECT_EQ(ClipNormalize("a\u200B\u001F\uFEFFb"), U"a\u200B\u001F\uFEFFb");
}

TEST(ClipNormalizeTest, LowersCodePointByCodePoint) {
  EXPECT_EQ(ClipNormalize("Otter \u0416\u00C4"), U"otter \u0436\u00E4");
  EXPECT_EQ(ClipNormalize("\u0130"), U"i\u0307");
  EXPECT_EQ(ClipNormalize("\u1E9E"), U"\u00DF");
  // Sigma is the same at a word's end.
  EXPECT_EQ(ClipNormalize("\u0391\u03A3"), U"\u03B1\u03C3");
}

TEST(ClipNormalizeTest, ReplacesInvalidBytes) {
  EXPECT_EQ(ClipNormalize("a\xFF\xC3"), U"a\uFFFD\uFFFD");
  EXPECT_EQ(ClipNormalize("\xED\xA0\x80"), U"\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(ClipNormalize(std::string("a\0b", 3)), std::u32string(U"a\0b", 3));
}

TEST(ClipNormalizeTest, OrdersManyMarksInTime) {
  std::string text;
  std::u32string expected;
  for (int i = 0; i < 50'000; ++i) text += "\u0301";
  for (int i = 0; i < 50'000; ++i) text += "\u0323";
  expected.append(50'000, U'\u0323').append(50'000, U'\u0301');
  EXPECT_TRUE(ClipNormalize(text) == expected);
}

}  // namespace
}  // namespace ella
