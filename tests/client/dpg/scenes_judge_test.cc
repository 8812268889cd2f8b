#include "client/dpg/scenes_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenes/scene_renderer.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Scene kScene = {
    Background::kBlack,
    {{Shape::kCircle, Color::kRed, Size::kLarge, 0.25f, 0.5f},
     {Shape::kStar, Color::kBlue, Size::kLarge, 0.75f, 0.5f}}};

absl::StatusOr<std::vector<std::string>> Ask(
    int side, const std::vector<std::string>& texts) {
  std::vector<Question> questions;
  for (const std::string& text : texts) {
    questions.push_back({static_cast<int>(questions.size()) + 1, "", {}, text});
  }
  ScenesJudge judge;
  return judge.Answer({"a", 0, Render(kScene, side)}, questions);
}

TEST(ScenesJudgeTest, LooksAtThePicture) {
  for (const int side : {32, 64, 512}) {
    const auto answers =
        Ask(side, {"Is there a circle?", "Is the circle blue?",
                   "Is the red circle to the left of the blue star?",
                   "Is the background gray?", "Is the background black?"});
    ASSERT_TRUE(answers.ok()) << answers.status();
    EXPECT_THAT(*answers, ElementsAre("yes", "no", "yes", "no", "yes"));
  }
}

TEST(ScenesJudgeTest, RefusesWhatItDoesNotKnow) {
  const auto foreign = Ask(64, {"Is there a circle?", "Is there a car?"});
  EXPECT_TRUE(absl::IsInvalidArgument(foreign.status())) << foreign.status();
  EXPECT_THAT(std::string(foreign.status().message()),
              HasSubstr("proposition 2"));
  const auto tiny = Ask(31, {"Is there a circle?"});
  EXPECT_TRUE(absl::IsInvalidArgument(tiny.status())) << tiny.status();
  EXPECT_THAT(std::string(tiny.status().message()), HasSubstr("32 to 512"));
}

}  // namespace
}  // namespace ella
