#include "server/scheduling/request_queue.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/scheduling/retry_delay.h"
#include "tests/fakes/fake_clock.h"
#include "tests/server/scheduling/task_maker.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::NotNull;
using ::testing::Optional;

class RequestQueueTest : public ::testing::Test {
 protected:
  TestRequest Add(uint32_t seed, int priority = 0) {
    TestRequest request = MakeRequest(nullptr, seed);
    request.task->priority = priority;
    EXPECT_TRUE(queue_.Enqueue(&request.task).ok());
    EXPECT_EQ(request.task, nullptr);
    return request;
  }

  std::vector<uint32_t> TakeAll() {
    std::vector<uint32_t> seeds;
    while (std::unique_ptr<Task> task = queue_.Take()) {
      seeds.push_back(task->params.seed);
    }
    return seeds;
  }

  FakeClock clock_;
  StepTimeEstimator estimator_;
  RequestQueue queue_{{.max_queue = 3}, &clock_, &estimator_};
};

TEST_F(RequestQueueTest, ServesByPriorityThenAge) {
  Add(1);
  Add(2, 5);
  Add(3, 5);
  EXPECT_THAT(TakeAll(), ElementsAre(2, 3, 1));
}

TEST_F(RequestQueueTest, TellsPositionAndWait) {
  estimator_.Observe(/*work=*/4, absl::Seconds(1));
  queue_.SetRunning(1, /*work=*/8);
  TestRequest first = Add(1);
  TestRequest second = Add(2);
  TestRequest urgent = Add(3, 1);
  EXPECT_THAT(first.sink->log(), ElementsAre("queued 1"));
  EXPECT_THAT(second.sink->log(), ElementsAre("queued 2"));
  EXPECT_THAT(urgent.sink->log(), ElementsAre("queued 1"));
  // 8 of work run; the first adds 2x2 latents of three steps.
  EXPECT_EQ(first.sink->All<QueuedEvent>()[0].estimated_wait, absl::Seconds(2));
  EXPECT_EQ(second.sink->All<QueuedEvent>()[0].estimated_wait,
            absl::Seconds(5));

  queue_.AnnouncePositions();
  EXPECT_THAT(first.sink->log(), ElementsAre("queued 1", "queued 2"));
  EXPECT_THAT(second.sink->log(), ElementsAre("queued 2", "queued 3"));
  EXPECT_THAT(urgent.sink->log(), ElementsAre("queued 1"));
  queue_.AnnouncePositions();
  EXPECT_THAT(first.sink->log(), ElementsAre("queued 1", "queued 2"));
}

TEST_F(RequestQueueTest, RefusesWhenFullWithARetryDelay) {
  for (int i = 0; i < 3; ++i) Add(i);
  TestRequest late = MakeRequest(nullptr, 9);
  absl::Status full = queue_.Enqueue(&late.task);
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(GetRetryDelay(full), Optional(absl::Seconds(1)));
  EXPECT_THAT(late.task, NotNull());
  EXPECT_THAT(late.sink->log(), IsEmpty());

  estimator_.Observe(1, absl::Seconds(2));
  queue_.SetRunning(1, 10);
  EXPECT_THAT(GetRetryDelay(queue_.Enqueue(&late.task)),
              Optional(absl::Seconds(20)));
}

TEST_F(RequestQueueTest, RefusesADeadlineThatHasPassed) {
  TestRequest late = MakeRequest(nullptr, 1);
  late.task->deadline = clock_.Now();
  EXPECT_EQ(queue_.Enqueue(&late.task).code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(late.task, NotNull());
}

TEST_F(RequestQueueTest, GivesBackTheUnwanted) {
  TestRequest cancelled = Add(1);
  TestRequest late = MakeRequest(nullptr, 2);
  late.task->deadline = clock_.Now() + absl::Seconds(5);
  ASSERT_TRUE(queue_.Enqueue(&late.task).ok());
  Add(3);
  *cancelled.cancelled = true;
  clock_.Advance(absl::Seconds(5));
  std::vector<RequestQueue::Ended> ended = queue_.TakeEnded();
  ASSERT_EQ(ended.size(), 2);
  EXPECT_EQ(ended[0].task->params.seed, 1);
  EXPECT_EQ(ended[0].why.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(ended[1].task->params.seed, 2);
  EXPECT_EQ(ended[1].why.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(TakeAll(), ElementsAre(3));
}

TEST_F(RequestQueueTest, ClosedItRefusesAndGivesBackAll) {
  Add(1);
  Add(2);
  EXPECT_EQ(queue_.Close().size(), 2);
  TestRequest late = MakeRequest(nullptr, 3);
  EXPECT_EQ(queue_.Enqueue(&late.task).code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(queue_.WaitForTask());
}

TEST_F(RequestQueueTest, WakesForATask) {
  std::thread waiter([&] { EXPECT_TRUE(queue_.WaitForTask()); });
  Add(1);
  waiter.join();
}

TEST_F(RequestQueueTest, WakesForTheEnd) {
  std::thread waiter([&] { EXPECT_FALSE(queue_.WaitForTask()); });
  queue_.Close();
  waiter.join();
}

TEST(StepTimeEstimatorTest, AveragesTimePerWork) {
  StepTimeEstimator estimator;
  EXPECT_EQ(estimator.TimeFor(100), absl::ZeroDuration());
  estimator.Observe(10, absl::Seconds(1));
  EXPECT_EQ(estimator.TimeFor(20), absl::Seconds(2));
  estimator.Observe(10, absl::Seconds(2));
  EXPECT_GT(estimator.TimeFor(10), absl::Seconds(1));
  EXPECT_LT(estimator.TimeFor(10), absl::Seconds(2));
}

}  // namespace
}  // namespace ella
