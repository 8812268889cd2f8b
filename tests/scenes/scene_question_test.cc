#include "scenes/scene_question.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "scenes/chooser.h"

namespace ella {
namespace {

using Kind = SceneQuestion::Kind;

constexpr Kind kKinds[] = {Kind::kShape,    Kind::kColor,     Kind::kOneOfColor,
                           Kind::kAllColor, Kind::kSize,      Kind::kAllSize,
                           Kind::kPlace,    Kind::kRelation,  Kind::kCount,
                           Kind::kTotal,    Kind::kBackground};

SceneQuestion RandomQuestion(Kind kind, Chooser& chooser) {
  SceneQuestion question;
  question.kind = kind;
  question.shape = chooser.Pick(kShapes);
  question.color = chooser.Pick(kColors);
  question.size = chooser.Pick(kSizes);
  question.place = chooser.Pick(kPlaces);
  question.relation = chooser.Pick(kRelations);
  question.second_shape = chooser.Pick(kShapes);
  question.second_color = chooser.Pick(kColors);
  question.count = 1 + chooser.Below(4);
  question.background = chooser.Pick(kBackgrounds);
  return question;
}

TEST(SceneQuestionTest, WhatIsWrittenIsRead) {
  std::mt19937_64 random(1);
  Chooser chooser(random);
  for (const Kind kind : kKinds) {
    for (int i = 0; i < 500; ++i) {
      const std::string text = QuestionText(RandomQuestion(kind, chooser));
      const auto parsed = ParseQuestion(text);
      ASSERT_TRUE(parsed.ok()) << text;
      EXPECT_EQ(parsed->kind, kind) << text;
      EXPECT_EQ(QuestionText(*parsed), text);
    }
  }
}

TEST(SceneQuestionTest, EveryFieldIsRead) {
  const auto question =
      ParseQuestion("Is the purple cross to the right of the orange ring?");
  ASSERT_TRUE(question.ok());
  EXPECT_EQ(question->kind, Kind::kRelation);
  EXPECT_EQ(question->color, Color::kPurple);
  EXPECT_EQ(question->shape, Shape::kCross);
  EXPECT_EQ(question->relation, Relation::kRightOf);
  EXPECT_EQ(question->second_color, Color::kOrange);
  EXPECT_EQ(question->second_shape, Shape::kRing);
  EXPECT_EQ(ParseQuestion("Are the white crosses large?")->size, Size::kLarge);
  EXPECT_EQ(ParseQuestion("Is the number of shapes four?")->count, 4);
  EXPECT_EQ(ParseQuestion("Is the background cyan?")->background,
            Background::kCyan);
  EXPECT_EQ(ParseQuestion("Is the red star at the top of the picture?")->place,
            Place::kTop);
}

TEST(SceneQuestionTest, AnythingElseIsRefused) {
  for (const std::string text :
       {"", "?", "Is there a dog?", "Is there a circle", "is there a circle?",
        "Is there a circle? ", "Is the circle mauve?", "Is the circles red?",
        "Are there exactly five red circles?", "Is the background red?",
        "Is the red circle beside the blue star?",
        "Is the red circle above the blue star?Is there a circle?"}) {
    const auto question = ParseQuestion(text);
    EXPECT_EQ(question.status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

}  // namespace
}  // namespace ella
