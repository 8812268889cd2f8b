#include "client/dpg/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kHeader[] = "item_id,crop,proposition_id,answer\n";

std::string Error(const std::string& rows) {
  const auto answers = ReadAnswers(kHeader + rows);
  EXPECT_TRUE(absl::IsInvalidArgument(answers.status())) << rows;
  return std::string(answers.status().message());
}

TEST(AnswersTest, KeepsThemAsTheyAre) {
  const auto answers = ReadAnswers(
      std::string(kHeader) + "a,0,1,yes\na,0,2, yes\nb,3,1,\"no, sir\"\n");
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_EQ(answers->at({"a", 0, 1}), "yes");
  EXPECT_EQ(answers->at({"a", 0, 2}), " yes");
  EXPECT_EQ(answers->at({"b", 3, 1}), "no, sir");
}

TEST(AnswersTest, ErrorsNameTheLine) {
  EXPECT_THAT(Error("a,0,1,yes\na,first,1,yes\n"),
              HasSubstr("line 3: \"first"));
  EXPECT_THAT(Error("a,-1,1,yes\n"), HasSubstr("\"-1\""));
  EXPECT_THAT(Error("a,0,x,yes\n"), HasSubstr("\"x\""));
  EXPECT_THAT(Error("a,0,1,yes\na,0,1,yes\n"),
              HasSubstr("line 3: a second answer to item a, crop 0"));
}

TEST(AnswersTest, TheJudgeKnowsNothingElse) {
  const auto answers =
      ReadAnswers(std::string(kHeader) + "a,1,2,yes\na,1,1,no\n");
  ASSERT_TRUE(answers.ok()) << answers.status();
  AnswersJudge judge(&*answers);
  const std::vector<Question> questions = {{1, "", {}, ""}, {2, "", {}, ""}};
  const auto known = judge.Answer({"a", 1, {}}, questions);
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_THAT(*known, ElementsAre("no", "yes"));
  const auto unknown = judge.Answer({"a", 0, {}}, questions);
  EXPECT_TRUE(absl::IsInvalidArgument(unknown.status()));
  EXPECT_THAT(std::string(unknown.status().message()),
              HasSubstr("no answer to proposition 1"));
}

}  // namespace
}  // namespace ella
