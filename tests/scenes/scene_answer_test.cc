#include <gtest/gtest.h>

#include <string>

#include "scenes/scene_judge.h"

namespace ella {
namespace {

// Two small red circles above one another on the left, a large blue star on
// the right, a large blue circle at the bottom.
SceneObservation Example() {
  SceneObservation observation;
  observation.background = Background::kBrown;
  observation.objects = {
      {Shape::kCircle, Color::kRed, Size::kSmall, 0.2f, 0.2f},
      {Shape::kCircle, Color::kRed, Size::kSmall, 0.2f, 0.5f},
      {Shape::kStar, Color::kBlue, Size::kLarge, 0.8f, 0.5f},
      {Shape::kCircle, Color::kBlue, Size::kLarge, 0.5f, 0.8f}};
  return observation;
}

bool Says(const std::string& question) {
  const absl::StatusOr<bool> answer = Answer(Example(), question);
  EXPECT_TRUE(answer.ok()) << question;
  return answer.ok() && *answer;
}

TEST(SceneAnswerTest, ShapesAndColors) {
  EXPECT_TRUE(Says("Is there a circle?"));
  EXPECT_FALSE(Says("Is there a ring?"));
  EXPECT_TRUE(Says("Is the star blue?"));
  EXPECT_FALSE(Says("Is the star red?"));
  EXPECT_TRUE(Says("Is one of the circles blue?"));
  EXPECT_FALSE(Says("Is one of the circles green?"));
  EXPECT_FALSE(Says("Are the circles red?"));
  EXPECT_TRUE(Says("Are the stars blue?"));
  EXPECT_FALSE(Says("Are the rings blue?"));
}

TEST(SceneAnswerTest, Sizes) {
  EXPECT_TRUE(Says("Is the blue circle large?"));
  EXPECT_FALSE(Says("Is the blue circle small?"));
  EXPECT_TRUE(Says("Are the red circles small?"));
  EXPECT_FALSE(Says("Are the red circles large?"));
  EXPECT_FALSE(Says("Are the green circles small?"));
}

TEST(SceneAnswerTest, PlacesAndRelations) {
  EXPECT_TRUE(Says("Is the blue star on the right of the picture?"));
  EXPECT_FALSE(Says("Is the blue star in the center of the picture?"));
  EXPECT_TRUE(Says("Is the red circle to the left of the blue star?"));
  EXPECT_TRUE(Says("Is the blue star to the right of the red circle?"));
  EXPECT_FALSE(Says("Is the blue star above the red circle?"));
  EXPECT_FALSE(Says("Is the blue star above the green ring?"));
}

TEST(SceneAnswerTest, CountsAndBackground) {
  EXPECT_TRUE(Says("Are there exactly two red circles?"));
  EXPECT_FALSE(Says("Are there exactly three red circles?"));
  EXPECT_TRUE(Says("Is the number of shapes four?"));
  EXPECT_FALSE(Says("Is the number of shapes three?"));
  EXPECT_TRUE(Says("Is the background brown?"));
  EXPECT_FALSE(Says("Is the background gray?"));
}

TEST(SceneAnswerTest, AnUnclearObjectCountsInTheNumberOfShapes) {
  SceneObservation observation = Example();
  observation.objects.pop_back();
  observation.unclear = 1;
  EXPECT_TRUE(*Answer(observation, "Is the number of shapes four?"));
  EXPECT_FALSE(*Answer(observation, "Is one of the circles blue?"));
}

TEST(SceneAnswerTest, WithoutABackgroundNoneIsRight) {
  for (const Background background : kBackgrounds) {
    SceneQuestion question;
    question.kind = SceneQuestion::Kind::kBackground;
    question.background = background;
    EXPECT_FALSE(Answer(SceneObservation(), question));
  }
}

TEST(SceneAnswerTest, OtherQuestionsAreRefused) {
  EXPECT_EQ(Answer(Example(), "Is it art?").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ella
