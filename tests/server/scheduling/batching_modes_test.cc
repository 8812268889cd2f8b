// The scheduler with the other kinds of batching.
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/scheduling/scheduler_fixture.h"

namespace ella {
namespace {

using Batches = std::vector<std::vector<uint32_t>>;

constexpr int kPixels = 4;  // latent, of a request of MakeRequest

class RequestBatchingTest : public SchedulerFixture {
 protected:
  RequestBatchingTest()
      : SchedulerFixture({.batching = Batching::kRequest,
                          .max_batch_rows = 4,
                          .request_window = absl::Seconds(2)}) {}
};

TEST_F(RequestBatchingTest, ABatchFormsAndRunsToItsEnd) {
  TestRequest a = MakeRequest(&engine_, 1, 3), b = MakeRequest(&engine_, 2, 1),
              c = MakeRequest(&engine_, 3, 1);
  Add(&a);
  EXPECT_FALSE(scheduler_.RunOnce());  // the window is open
  Add(&b);
  clock_.Advance(absl::Seconds(2));
  Turn(1);
  Add(&c);
  clock_.Advance(absl::Seconds(2));
  RunAll();
  // The place of the row that has ended is computed on.
  EXPECT_EQ(engine_.batches(), (Batches{{1, 2}, {1, 2}, {1, 2}, {3}}));
  EXPECT_EQ(EndOf(b), absl::StatusCode::kOk);
  EXPECT_EQ(engine_.rows_alive(), 0);
}

TEST_F(RequestBatchingTest, ABatchTooLargeForTheMemoryGivesUpEmptyPlaces) {
  TestRequest a = MakeRequest(&engine_, 1, 2), b = MakeRequest(&engine_, 2, 1);
  Add(&a);
  Add(&b);
  clock_.Advance(absl::Seconds(2));
  Turn(1);
  engine_.SetMostPixels(kPixels);
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1, 2}, {1}}));
  EXPECT_EQ(EndOf(a), absl::StatusCode::kOk);
}

class NoBatchingTest : public SchedulerFixture {
 protected:
  NoBatchingTest()
      : SchedulerFixture({.batching = Batching::kOff, .max_batch_rows = 4}) {}
};

TEST_F(NoBatchingTest, OneRequestRunsAtATime) {
  TestRequest a = MakeRequest(&engine_, 1, 2), b = MakeRequest(&engine_, 5, 1);
  a.task->params.num_images = 2;
  Add(&a);
  Add(&b);
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1, 2}, {1, 2}, {5}}));
}

}  // namespace
}  // namespace ella
