#include "server/scheduling/warm_up.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_engine.h"

namespace ella {
namespace {

// The fake's default picture of 16x16 pixels; half and twice that are 1 and 16.
constexpr int kPixels = 4;

class WarmUpTest : public ::testing::Test {
 protected:
  absl::Status Run() {
    return WarmUp(&engine_, options_, limits_, &clock_, &costs_);
  }

  FakeClock clock_;
  FakeEngine engine_{&clock_};
  BatchOptions options_{.max_batch_rows = 16,
                        .warm_up_time = absl::Minutes(10)};
  RequestLimits limits_;
  StepCostTable costs_{16};
};

TEST_F(WarmUpTest, FindsTheRowsThatAreWorthIt) {
  // Up to four rows cost no more than one.
  engine_.SetStepTime(
      [](int rows) { return absl::Seconds(std::max(1, rows / 4)); });
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(costs_.StepTime(kPixels, 4), absl::Seconds(1));
  EXPECT_EQ(costs_.StepTime(kPixels, 16), absl::Seconds(4));
  EXPECT_EQ(costs_.RowLimit(kPixels), 4);
  EXPECT_EQ(costs_.DecodeTime(kPixels), absl::Milliseconds(100));
  EXPECT_EQ(engine_.rows_alive(), 0);
}

TEST_F(WarmUpTest, StaysWithinItsTime) {
  options_.warm_up_time = absl::Seconds(8);
  engine_.SetStepTime([](int) { return absl::Seconds(1); });
  const absl::Time begin = clock_.Now();
  ASSERT_TRUE(Run().ok());
  EXPECT_LE(clock_.Now() - begin, absl::Seconds(8));
  // A guided image is tried all the same.
  EXPECT_EQ(costs_.RowLimit(kPixels), 2);
}

TEST_F(WarmUpTest, TheMemoryBoundsTheRows) {
  engine_.SetMemory(/*bytes_per_latent_pixel=*/100, /*free_bytes=*/3000);
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(costs_.BytesFor(kPixels, 2), 800);
  EXPECT_EQ(costs_.memory_budget(), 2400);
  EXPECT_EQ(costs_.RowLimit(kPixels), 6);
}

TEST_F(WarmUpTest, ABatchThatIsTooLargeLowersTheLimit) {
  engine_.SetMostPixels(5 * kPixels);
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(costs_.RowLimit(kPixels), 4);
}

TEST_F(WarmUpTest, AModelThatDoesNotWorkIsAnError) {
  engine_.FailStep(0, 1, absl::InternalError("broken"));
  EXPECT_EQ(Run(), absl::InternalError("broken"));
  engine_.FailEncode("", absl::InternalError("no text"));
  EXPECT_EQ(Run(), absl::InternalError("no text"));
}

}  // namespace
}  // namespace ella
