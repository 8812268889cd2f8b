#include "server/scheduling/batch_policy.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Task MakeTask(int priority, uint64_t age) {
  Task task;
  task.priority = priority;
  task.age = age;
  return task;
}

TEST(ServedBeforeTest, PriorityThenAge) {
  EXPECT_TRUE(ServedBefore(MakeTask(1, 9), MakeTask(0, 2)));
  EXPECT_FALSE(ServedBefore(MakeTask(-1, 1), MakeTask(0, 2)));
  EXPECT_TRUE(ServedBefore(MakeTask(0, 1), MakeTask(0, 2)));
  EXPECT_FALSE(ServedBefore(MakeTask(0, 2), MakeTask(0, 2)));
}

TEST(UnetWorkTest, CountsGuidanceTwice) {
  GenerationParams params;
  params.width = 64;
  params.height = 32;
  params.guidance_scale = 1;
  EXPECT_EQ(UnetWork(params, 3), 8 * 4 * 3);
  params.guidance_scale = 1.5;
  EXPECT_EQ(UnetWork(params, 3), 2 * 8 * 4 * 3);
}

TEST(ChooseRowsTest, TakesWhatFits) {
  EXPECT_THAT(ChooseRows({3, 3, 3}, 1, 8), ElementsAre(0, 1, 2));
  EXPECT_THAT(ChooseRows({3, 3, 3}, 1, 2), ElementsAre(0, 1));
  EXPECT_THAT(ChooseRows({3, 3, 3}, 2, 5), ElementsAre(0, 1));
}

TEST(ChooseRowsTest, ThoseBehindGoFirst) {
  EXPECT_THAT(ChooseRows({2, 2, 3}, 1, 2), ElementsAre(0, 2));
  EXPECT_THAT(ChooseRows({2, 3, 3}, 2, 4), ElementsAre(1, 2));
}

TEST(ChooseRowsTest, SkipsThoseDone) {
  EXPECT_THAT(ChooseRows({0, 1, 0}, 1, 8), ElementsAre(1));
  EXPECT_THAT(ChooseRows({0, 0}, 1, 8), IsEmpty());
}

TEST(ChooseRowsTest, TakesOneEvenWhereNoneFits) {
  EXPECT_THAT(ChooseRows({3, 3}, 2, 1), ElementsAre(0));
}

}  // namespace
}  // namespace ella
