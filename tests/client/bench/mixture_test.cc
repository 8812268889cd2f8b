#include "client/bench/mixture.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace ella {
namespace {

constexpr int kDraws = 20000;

TEST(MixtureTest, DrawsByWeight) {
  const auto mixture = ParseIntegerMixture("5:3,50");
  ASSERT_TRUE(mixture.ok()) << mixture.status();
  RandomStream random(1, 0);
  std::map<uint32_t, int> drawn;
  for (int i = 0; i < kDraws; ++i) ++drawn[Draw(*mixture, random)];
  EXPECT_EQ(drawn.size(), 2u);
  EXPECT_NEAR(drawn[5], 0.75 * kDraws, 0.02 * kDraws);
  EXPECT_NEAR(drawn[50], 0.25 * kDraws, 0.02 * kDraws);
}

TEST(MixtureTest, DrawsEachValueOfARange) {
  const auto mixture = ParseIntegerMixture("7-10");
  ASSERT_TRUE(mixture.ok()) << mixture.status();
  RandomStream random(1, 0);
  std::map<uint32_t, int> drawn;
  for (int i = 0; i < kDraws; ++i) ++drawn[Draw(*mixture, random)];
  ASSERT_EQ(drawn.size(), 4u);
  for (const auto& [value, count] : drawn) {
    EXPECT_NEAR(count, kDraws / 4, 0.02 * kDraws) << value;
  }
  EXPECT_EQ(drawn.begin()->first, 7u);
}

TEST(MixtureTest, NumbersMayBeNegativeAndFill) {
  const auto mixture = ParseNumberMixture("-2--1:1,3-4.5:1");
  ASSERT_TRUE(mixture.ok()) << mixture.status();
  RandomStream random(1, 0);
  int low = 0;
  for (int i = 0; i < kDraws; ++i) {
    const float value = Draw(*mixture, random);
    EXPECT_TRUE((value >= -2 && value <= -1) || (value >= 3 && value <= 4.5f))
        << value;
    low += value < 0;
  }
  EXPECT_NEAR(low, kDraws / 2, 0.02 * kDraws);
}

TEST(MixtureTest, TakesSizesAndNames) {
  RandomStream random(1, 0);
  const auto sizes = ParseSizeMixture("64x128");
  ASSERT_TRUE(sizes.ok()) << sizes.status();
  EXPECT_EQ(Draw(*sizes, random).width, 64u);
  EXPECT_EQ(Draw(*sizes, random).height, 128u);
  const auto names = ParseNameMixture("ella-fixed:0.5");
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(Draw(*names, random), "ella-fixed");
}

TEST(MixtureTest, RefusesWhatItCannotRead) {
  for (const char* text : {"", "5,", "a", "5:0", "5:-1", "5:x", "5:", "9-5",
                           "5-", "1.5", "5:nan", "5:1:1"}) {
    EXPECT_FALSE(ParseIntegerMixture(text).ok()) << text;
  }
  for (const char* text : {"64", "64x", "x64", "64x64x64", "8-16x8"}) {
    EXPECT_FALSE(ParseSizeMixture(text).ok()) << text;
  }
  EXPECT_FALSE(ParseNumberMixture("inf").ok());
  EXPECT_FALSE(ParseNameMixture("ddim,,pndm").ok());
}

TEST(MixtureTest, ErrorsNameTheItem) {
  EXPECT_EQ(ParseIntegerMixture("5,ten:2").status().message(),
            "\"ten:2\" is not N, N-N or that with :WEIGHT");
}

}  // namespace
}  // namespace ella
