#include "model/writing/byte_pair_learner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ella {
namespace {

using testing::ElementsAre;

TEST(LearnMergesTest, MergesTheMostFrequentPairFirst) {
  // "in" ends a word thrice, "st" begins one twice.
  EXPECT_THAT(LearnMerges({"in, in! in"}, 10),
              ElementsAre(Merge("i", "n</w>")));
  EXPECT_THAT(LearnMerges({"in in in sat"}, 2),
              ElementsAre(Merge("i", "n</w>"), Merge("a", "t</w>")));
}

TEST(LearnMergesTest, GoesOnUntilEachWordIsOneSymbol) {
  EXPECT_THAT(LearnMerges({"aaa"}, 10),
              ElementsAre(Merge("a", "a"), Merge("aa", "a</w>")));
}

TEST(LearnMergesTest, NeverMergesAcrossWords) {
  EXPECT_THAT(LearnMerges({"a b c"}, 10), ElementsAre());
}

}  // namespace
}  // namespace ella
