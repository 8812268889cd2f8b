#include "client/dpg/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Question Q(int id, std::vector<int> parents,
           const std::string& category = "entity - whole") {
  return {id, category, std::move(parents), ""};
}

ItemScore Score(const std::vector<Question>& questions,
                const std::vector<CropAnswers>& crops) {
  const auto score = ScoreItem(questions, crops);
  EXPECT_TRUE(score.ok()) << score.status();
  return score.ok() ? *score : ItemScore();
}

// 1 <- 2 <- 3, and 4 alone.
const std::vector<Question> kChain = {Q(1, {}), Q(2, {1}), Q(3, {2}), Q(4, {})};

TEST(ScoreItemTest, AllYesAndAllNo) {
  EXPECT_EQ(Score(kChain, {{true, true, true, true}}).mean, 1);
  EXPECT_EQ(Score(kChain, {{false, false, false, false}}).mean, 0);
}

TEST(ScoreItemTest, ZeroesCascade) {
  EXPECT_EQ(Score(kChain, {{false, true, true, true}}).mean, 0.25);
  EXPECT_EQ(Score(kChain, {{true, false, true, true}}).mean, 0.5);
  EXPECT_EQ(Score(kChain, {{true, true, false, true}}).mean, 0.75);
}

TEST(ScoreItemTest, RootsNoAndChildrenYesIsNothing) {
  EXPECT_EQ(Score({Q(1, {}), Q(2, {1}), Q(3, {1})}, {{false, true, true}}).mean,
            0);
}

TEST(ScoreItemTest, OneOfTheParentsIsEnough) {
  const std::vector<Question> questions = {Q(1, {}), Q(2, {}), Q(3, {1, 2})};
  EXPECT_EQ(Score(questions, {{true, false, true}}).mean, 1 / 3.);
  EXPECT_EQ(Score(questions, {{true, true, true}}).mean, 1);
}

// The pass goes by the file's order, so that a parent further down is seen
// before its own parents are.
TEST(ScoreItemTest, OnePassInTheFilesOrder) {
  EXPECT_EQ(Score({Q(3, {2}), Q(2, {1}), Q(1, {})}, {{true, true, false}}).mean,
            1 / 3.);
}

TEST(ScoreItemTest, CropsAreAveraged) {
  const ItemScore score =
      Score(kChain, {{true, true, true, true}, {false, true, true, true}});
  EXPECT_THAT(score.crops, ElementsAre(1, 0.25));
  EXPECT_EQ(score.mean, 0.625);
}

TEST(ScoreItemTest, AnUnknownParentFails) {
  const std::vector<Question> questions = {Q(2, {3, 1}), Q(3, {})};
  const auto score = ScoreItem(questions, {{true, true}});
  EXPECT_THAT(std::string(score.status().message()),
              HasSubstr("proposition 2 depends on 1"));
  // As in the reference, which doesn't look on after a 0.
  EXPECT_EQ(Score(questions, {{true, false}}).mean, 0);
}

class TotalScoreTest : public ::testing::Test {
 protected:
  void AddTo(TotalScore& total, const std::vector<CropAnswers>& crops) {
    total.Add(questions_, crops, Score(questions_, crops));
  }

  const std::vector<Question> questions_ = {
      Q(1, {}, "entity - whole"), Q(2, {1}, "attribute - color"),
      Q(3, {1}, "attribute - size"), Q(4, {}, "global -")};
};

TEST_F(TotalScoreTest, CategoriesOfAllCropsBeforeDependencies) {
  TotalScore total(CategoryCrops::kAll);
  AddTo(total, {{false, true, true, false}, {true, true, false, true}});
  AddTo(total, {{true, true, true, true}, {true, false, false, true}});
  EXPECT_EQ(total.scored(), 2);
  // ((0 + 3/4) / 2 + (1 + 1/2) / 2) / 2
  EXPECT_DOUBLE_EQ(total.score(), 56.25);
  EXPECT_THAT(
      total.Level2(),
      ElementsAre(Pair("attribute - color", 75), Pair("attribute - size", 50),
                  Pair("entity - whole", 75), Pair("global -", 75)));
  EXPECT_THAT(total.Level1(),
              ElementsAre(Pair("attribute", 62.5), Pair("entity", 75),
                          Pair("global", 75)));
}

TEST_F(TotalScoreTest, CategoriesOfTheLastCrop) {
  TotalScore total(CategoryCrops::kLast);
  AddTo(total, {{false, true, true, false}, {true, true, false, true}});
  AddTo(total, {{true, true, true, true}, {false, true, false, true}});
  EXPECT_DOUBLE_EQ(total.score(), 50);
  EXPECT_THAT(
      total.Level2(),
      ElementsAre(Pair("attribute - color", 100), Pair("attribute - size", 0),
                  Pair("entity - whole", 50), Pair("global -", 100)));
  EXPECT_THAT(total.Level1(),
              ElementsAre(Pair("attribute", 50), Pair("entity", 50),
                          Pair("global", 100)));
}

// A level is pooled, not a mean of means.
TEST_F(TotalScoreTest, Level1WeighsByQuestions) {
  const std::vector<Question> questions = {
      Q(1, {}, "relation - spatial"), Q(2, {}, "relation - spatial"),
      Q(3, {}, "relation - spatial"), Q(4, {}, "relation - non-spatial")};
  const std::vector<CropAnswers> crops = {{true, true, true, false}};
  TotalScore total(CategoryCrops::kAll);
  total.Add(questions, crops, Score(questions, crops));
  EXPECT_THAT(total.Level1(), ElementsAre(Pair("relation", 75)));
}

}  // namespace
}  // namespace ella
