#include "server/scheduling/step_cost_table.h"

#include "gtest/gtest.h"

namespace ella {
namespace {

TEST(StepCostTableTest, KnowsNothingAtFirst) {
  const StepCostTable table(8);
  EXPECT_EQ(table.StepTime(64, 2), absl::ZeroDuration());
  EXPECT_EQ(table.DecodeTime(64), absl::ZeroDuration());
  EXPECT_EQ(table.RowLimit(64), 8);
  EXPECT_EQ(table.BytesFor(64, 2), 0);
}

TEST(StepCostTableTest, InterpolatesAndScales) {
  StepCostTable table(8);
  table.Observe(64, 2, absl::Seconds(2));
  table.Observe(64, 4, absl::Seconds(3));
  EXPECT_EQ(table.StepTime(64, 1), absl::Seconds(2));
  EXPECT_EQ(table.StepTime(64, 2), absl::Seconds(2));
  EXPECT_EQ(table.StepTime(64, 3), absl::Seconds(2.5));
  EXPECT_EQ(table.StepTime(64, 8), absl::Seconds(6));
  EXPECT_EQ(table.StepTime(256, 4), absl::Seconds(12));
  table.ObserveDecode(64, 2, absl::Seconds(4));
  EXPECT_EQ(table.DecodeTime(128), absl::Seconds(4));
}

TEST(StepCostTableTest, FollowsWhatItSees) {
  StepCostTable table(8);
  table.Observe(64, 2, absl::Seconds(2));
  table.Observe(64, 2, absl::Seconds(4));
  EXPECT_GT(table.StepTime(64, 2), absl::Seconds(2));
  EXPECT_LT(table.StepTime(64, 2), absl::Seconds(4));
}

TEST(StepCostTableTest, TheLimitIsTheFewestRowsOfNearlyTheBestRate) {
  StepCostTable table(16);
  table.Observe(64, 1, absl::Milliseconds(10));
  table.Observe(64, 2, absl::Milliseconds(12));
  table.Observe(64, 4, absl::Milliseconds(16));
  table.Observe(64, 8, absl::Milliseconds(32));
  table.Observe(64, 16, absl::Milliseconds(63));
  table.SetLimitFromTimes(64);
  EXPECT_EQ(table.RowLimit(64), 4);
  // Others by area, but a guided image always fits.
  EXPECT_EQ(table.RowLimit(16), 16);
  EXPECT_EQ(table.RowLimit(128), 2);
  EXPECT_EQ(table.RowLimit(640), 2);
}

TEST(StepCostTableTest, MemoryBoundsTheRows) {
  StepCostTable table(16);
  table.SetMemory(/*bytes_per_latent_pixel=*/10, /*budget=*/3000);
  EXPECT_EQ(table.RowLimit(64), 4);
  EXPECT_EQ(table.BytesFor(64, 2), 1280);
  table.CapRows(64, 3);
  EXPECT_EQ(table.RowLimit(64), 3);
  EXPECT_EQ(table.RowLimit(32), 6);
  table.CapRows(64, 8);
  EXPECT_EQ(table.RowLimit(64), 3);
  EXPECT_EQ(table.RowLimit(100000), 1);
}

}  // namespace
}  // namespace ella
