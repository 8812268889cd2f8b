#include "server/scheduling/wait_estimate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Load For(int seconds, int rows = 1) { return {rows, absl::Seconds(seconds)}; }

TEST(WaitEstimateTest, FreeSlotsAreTakenAtOnce) {
  EXPECT_THAT(EstimateWaits({}, {}, 4), IsEmpty());
  EXPECT_THAT(EstimateWaits({For(9)}, {For(1), For(1)}, 3),
              ElementsAre(absl::ZeroDuration(), absl::ZeroDuration()));
}

TEST(WaitEstimateTest, TheRestWaitsForTheEarliest) {
  EXPECT_THAT(
      EstimateWaits({For(9), For(5)}, {For(2), For(1), For(1)}, 2),
      ElementsAre(absl::Seconds(5), absl::Seconds(7), absl::Seconds(8)));
}

TEST(WaitEstimateTest, SeveralRowsNeedAsManySlots) {
  EXPECT_THAT(EstimateWaits({For(9), For(5)}, {For(1, 2)}, 2),
              ElementsAre(absl::Seconds(9)));
  // Four rows in two slots take twice their time.
  EXPECT_THAT(EstimateWaits({For(3, 4)}, {For(1)}, 2),
              ElementsAre(absl::Seconds(6)));
}

}  // namespace
}  // namespace ella
