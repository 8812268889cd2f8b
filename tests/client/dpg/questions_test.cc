#include "client/dpg/questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kHeader[] =
    "item_id,text,keywords,proposition_id,dependency,category_broad,"
    "category_detailed,tuple,question_natural_language\n";

// A row of an item.
std::string Row(const std::string& item, const std::string& id,
                const std::string& dependency,
                const std::string& tuple = "entity - whole (car)") {
  return item + ",a text,," + id + ",\"" + dependency + "\",entity,whole,\"" +
         tuple + "\",Is it " + id + "?\n";
}

QuestionSet Read(const std::string& rows, bool compat = false) {
  const auto set = ReadQuestions(kHeader + rows, compat);
  EXPECT_TRUE(set.ok()) << set.status();
  return set.ok() ? *set : QuestionSet();
}

std::vector<int> Ids(const QuestionItem& item) {
  std::vector<int> ids;
  for (const Question& question : item.questions) ids.push_back(question.id);
  return ids;
}

TEST(QuestionsTest, ReadsAllFields) {
  const QuestionSet set =
      Read(Row("7", "1", "0") +
           Row("7", "3", "1, 2", "attribute - color (car, red)") +
           Row("7", "2", "0", "global - ") + Row("b", "1", "0"));
  ASSERT_EQ(set.size(), 2u);
  const QuestionItem& item = set.at("7");
  EXPECT_TRUE(item.status.ok()) << item.status;
  EXPECT_THAT(Ids(item), ElementsAre(1, 3, 2));
  EXPECT_THAT(item.questions[0].parents, IsEmpty());
  EXPECT_THAT(item.questions[1].parents, ElementsAre(1, 2));
  EXPECT_EQ(item.questions[1].category, "attribute - color");
  EXPECT_EQ(item.questions[1].text, "Is it 3?");
  EXPECT_EQ(item.questions[2].category, "global -");
}

TEST(QuestionsTest, ItemsMayBeScattered) {
  const QuestionSet set =
      Read(Row("a", "1", "0") + Row("b", "1", "0") + Row("a", "2", "1"));
  EXPECT_TRUE(set.at("a").status.ok());
  EXPECT_THAT(Ids(set.at("a")), ElementsAre(1, 2));
}

TEST(QuestionsTest, ABadRowFailsItsItemAlone) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {Row("a", "x", "0"), "line 3 of the questions: proposition_id"},
      {Row("a", "0", "0"), "proposition_id must be"},
      {Row("a", "2", ""), "dependency must be"},
      {Row("a", "2", "1;3"), "\"1;3\""},
      {Row("a", "2", "0", "(car)"), "tuple must begin with a category"},
      {Row("a", "1", "0"), "proposition_id 1 comes twice in item a"},
      {Row("a", "2", "1,9"), "proposition 2 depends on 9, which is unknown"},
  };
  for (const auto& [row, message] : bad) {
    const QuestionSet set = Read(Row("a", "1", "0") + row + Row("b", "1", "0"));
    EXPECT_TRUE(absl::IsInvalidArgument(set.at("a").status)) << row;
    EXPECT_THAT(std::string(set.at("a").status.message()), HasSubstr(message));
    EXPECT_TRUE(set.at("b").status.ok());
  }
}

TEST(QuestionsTest, CompatDropsTheFirstRow) {
  const std::string rows =
      Row("a", "1", "0") + Row("a", "2", "1") + Row("b", "1", "0");
  EXPECT_THAT(Ids(Read(rows).at("a")), ElementsAre(1, 2));
  const QuestionSet compat = Read(rows, true);
  EXPECT_THAT(Ids(compat.at("a")), ElementsAre(2));
  EXPECT_TRUE(compat.at("a").status.ok());
  EXPECT_FALSE(
      Read(Row("a", "1", "0") + Row("b", "1", "0"), true).contains("a"));
}

TEST(QuestionsTest, CompatReplacesAsTheReferenceDoes) {
  const QuestionSet set =
      Read(Row("x", "1", "0") + Row("a", "1", "0") + Row("a", "2", "0") +
               Row("a", "1", "2") + Row("b", "1", "0") + Row("b", "2", "0") +
               Row("c", "1", "0") + Row("b", "3", "0"),
           true);
  EXPECT_TRUE(set.at("a").status.ok());
  EXPECT_THAT(Ids(set.at("a")), ElementsAre(1, 2));
  EXPECT_THAT(set.at("a").questions[0].parents, ElementsAre(2));
  EXPECT_THAT(Ids(set.at("b")), ElementsAre(3));
}

TEST(QuestionsTest, RefusesWhatIsNoQuestionFile) {
  const auto set = ReadQuestions("item_id,text\n1,a\n", false);
  EXPECT_THAT(std::string(set.status().message()),
              HasSubstr("no column proposition_id"));
}

}  // namespace
}  // namespace ella
