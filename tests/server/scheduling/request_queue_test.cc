#include "server/scheduling/request_queue.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/scheduling/retry_delay.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_engine.h"
#include "tests/server/scheduling/task_maker.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::NotNull;
using ::testing::Optional;
using ::testing::SizeIs;

constexpr int kPixels = 4;  // latent, of a request of MakeRequest

class RequestQueueTest : public ::testing::Test {
 protected:
  absl::Status Enqueue(TestRequest* request) {
    return queue_.Enqueue(&request->task);
  }

  TestRequest Add(uint32_t seed, int priority = 0) {
    TestRequest request = MakeRequest(&engine_, seed);
    request.task->priority = priority;
    EXPECT_TRUE(Enqueue(&request).ok());
    EXPECT_EQ(request.task, nullptr);
    return request;
  }

  // A request runs on two of the slots, with so much still to do.
  void SetRunning(absl::Duration left) {
    RequestQueue::Running running;
    running.requests = 1;
    running.loads = {Load{2, left}};
    queue_.SetRunning(std::move(running));
  }

  std::vector<uint64_t> ReadyIds() {
    std::vector<uint64_t> ids;
    for (const RequestQueue::Ready& ready : queue_.ReadyTasks()) {
      ids.push_back(ready.id);
    }
    return ids;
  }

  // Every text is found.
  static EncodedTexts Encoded() {
    EncodedTexts texts;
    texts.encodings = {nullptr};
    return texts;
  }

  FakeClock clock_;
  FakeEngine engine_{&clock_};
  CostTables costs_{{&engine_}, /*max_rows=*/2};
  CallerLedger ledger_;
  RequestQueue queue_{{.max_queue = 3}, &clock_, &costs_, &ledger_};
};

TEST_F(RequestQueueTest, TellsPositionAndWait) {
  costs_.Of(&engine_).Observe(kPixels, 2, absl::Seconds(1));
  SetRunning(absl::Seconds(5));
  TestRequest first = Add(1), second = Add(2), third = Add(3);
  EXPECT_THAT(first.sink->log(), ElementsAre("queued 1"));
  EXPECT_THAT(third.sink->log(), ElementsAre("queued 3"));
  // The first two take a slot each for three steps.
  EXPECT_EQ(second.sink->All<QueuedEvent>()[0].estimated_wait,
            absl::Seconds(5));
  EXPECT_EQ(third.sink->All<QueuedEvent>()[0].estimated_wait, absl::Seconds(8));
}

TEST_F(RequestQueueTest, AnnouncesPositionsThatHaveChanged) {
  TestRequest first = Add(1), second = Add(2);
  SetRunning(absl::Seconds(1));
  TestRequest urgent = Add(3, 1);
  queue_.AnnouncePositions();
  EXPECT_THAT(first.sink->log(), ElementsAre("queued 0", "queued 2"));
  EXPECT_THAT(second.sink->log(), ElementsAre("queued 1", "queued 3"));
  EXPECT_THAT(urgent.sink->log(), ElementsAre("queued 1"));
  queue_.AnnouncePositions();
  EXPECT_THAT(first.sink->log(), SizeIs(2));
}

TEST_F(RequestQueueTest, RefusesWhenFullWithARetryDelay) {
  for (int i = 0; i < 3; ++i) Add(i);
  TestRequest late = MakeRequest(&engine_, 9);
  const absl::Status full = Enqueue(&late);
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(GetRetryDelay(full), Optional(absl::Milliseconds(100)));
  EXPECT_THAT(late.task, NotNull());
  EXPECT_THAT(late.sink->log(), IsEmpty());

  SetRunning(absl::Seconds(20));
  EXPECT_THAT(GetRetryDelay(Enqueue(&late)), Optional(absl::Seconds(20)));
}

TEST_F(RequestQueueTest, WhatIsParkedCountsAsWaiting) {
  RequestQueue::Running running;
  running.parked_requests = 2;
  queue_.SetRunning(running);
  Add(1);
  TestRequest late = MakeRequest(&engine_, 9);
  EXPECT_EQ(Enqueue(&late).code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(RequestQueueTest, RefusesADeadlineThatCannotBeMet) {
  TestRequest late = MakeRequest(&engine_, 1);
  late.task->deadline = clock_.Now();
  EXPECT_EQ(Enqueue(&late).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(late.task, NotNull());

  costs_.Of(&engine_).Observe(kPixels, 1, absl::Seconds(1));
  costs_.Of(&engine_).ObserveDecode(kPixels, 1, absl::Seconds(2));
  late.task->deadline = clock_.Now() + absl::Seconds(4.9);
  EXPECT_EQ(Enqueue(&late).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(late.sink->log(), IsEmpty());
  EXPECT_EQ(queue_.size(), 0);
  late.task->deadline = clock_.Now() + absl::Seconds(5);
  SetRunning(absl::Seconds(1));
  EXPECT_EQ(Enqueue(&late).code(), absl::StatusCode::kDeadlineExceeded);
  late.task->deadline = clock_.Now() + absl::Seconds(6);
  EXPECT_TRUE(Enqueue(&late).ok());
}

TEST_F(RequestQueueTest, RefusesWhatNeverFitsTheMemory) {
  costs_.Of(&engine_).SetMemory(/*bytes_per_latent_pixel=*/1 << 20,
                                /*budget=*/5 << 20);
  TestRequest guided = MakeRequest(&engine_, 1);
  guided.task->params.guidance_scale = 2;
  const absl::Status refused = Enqueue(&guided);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(GetRetryDelay(refused), std::nullopt);
  Add(2);
}

TEST_F(RequestQueueTest, ATaskIsReadyOnceItsTextsAreEncoded) {
  Add(1);
  EXPECT_THAT(ReadyIds(), IsEmpty());
  const std::vector<RequestQueue::TextJob> jobs = queue_.TakeTexts(8);
  ASSERT_THAT(jobs, SizeIs(1));
  EXPECT_THAT(jobs[0].texts, SizeIs(1));
  EXPECT_THAT(queue_.TakeTexts(8), IsEmpty());
  EXPECT_THAT(ReadyIds(), IsEmpty());
  const int64_t version = queue_.version();
  queue_.PutTexts(jobs[0].id, Encoded());
  EXPECT_NE(queue_.version(), version);
  EXPECT_THAT(ReadyIds(), ElementsAre(jobs[0].id));
  EXPECT_EQ(queue_.Take(jobs[0].id)->params.seed, 1);
  EXPECT_EQ(queue_.Take(jobs[0].id), nullptr);
}

TEST_F(RequestQueueTest, ATaskWhoseTextsAreInTheCacheIsReadyAtOnce) {
  engine_.RememberTexts();
  engine_.Encode({Text{}});
  Add(1);
  EXPECT_THAT(queue_.TakeTexts(8), IsEmpty());
  ASSERT_THAT(ReadyIds(), SizeIs(1));
  EXPECT_EQ(queue_.Take(ReadyIds()[0])->texts.cache_hits, 1);
}

TEST_F(RequestQueueTest, TextsAreTakenInTheOrderOfService) {
  Add(1);
  TestRequest urgent = MakeRequest(&engine_, 2);
  urgent.task->priority = 1;
  urgent.task->params.prompt = "urgent";
  ASSERT_TRUE(Enqueue(&urgent).ok());
  EXPECT_EQ(queue_.TakeTexts(1)[0].texts[0].text, "urgent");
}

TEST_F(RequestQueueTest, GivesBackTheUnwanted) {
  TestRequest cancelled = Add(1);
  TestRequest late = MakeRequest(&engine_, 2);
  late.task->deadline = clock_.Now() + absl::Seconds(5);
  ASSERT_TRUE(Enqueue(&late).ok());
  Add(3);
  const std::vector<RequestQueue::TextJob> jobs = queue_.TakeTexts(8);
  *cancelled.cancelled = true;
  clock_.Advance(absl::Seconds(5));
  std::vector<RequestQueue::Ended> ended = queue_.TakeEnded();
  ASSERT_THAT(ended, SizeIs(2));
  EXPECT_EQ(ended[0].task->params.seed, 1);
  EXPECT_EQ(ended[0].why.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(ended[1].task->params.seed, 2);
  EXPECT_EQ(ended[1].why.code(), absl::StatusCode::kDeadlineExceeded);
  // Their texts come too late; the third one's fail.
  queue_.PutTexts(jobs[0].id, Encoded());
  queue_.PutTexts(jobs[2].id, absl::InternalError("encoder"));
  EXPECT_THAT(ReadyIds(), IsEmpty());
  ended = queue_.TakeEnded();
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_EQ(ended[0].why, absl::InternalError("encoder"));
}

TEST_F(RequestQueueTest, ClosedItRefusesAndGivesBackAll) {
  Add(1);
  Add(2);
  EXPECT_THAT(queue_.Close(absl::UnavailableError("closed")), SizeIs(2));
  TestRequest late = MakeRequest(&engine_, 3);
  EXPECT_EQ(Enqueue(&late).code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(queue_.WaitForChange(queue_.version(), absl::InfiniteFuture()));
  EXPECT_FALSE(queue_.WaitForTexts());
}

TEST_F(RequestQueueTest, WakesForATask) {
  const int64_t seen = queue_.version();
  std::thread text([&] { EXPECT_TRUE(queue_.WaitForTexts()); });
  std::thread loop(
      [&] { EXPECT_TRUE(queue_.WaitForChange(seen, absl::InfiniteFuture())); });
  Add(1);
  text.join();
  loop.join();
}

TEST_F(RequestQueueTest, WakesForTheEnd) {
  const int64_t seen = queue_.version();
  std::thread text([&] { EXPECT_FALSE(queue_.WaitForTexts()); });
  std::thread loop([&] {
    EXPECT_FALSE(queue_.WaitForChange(seen, absl::InfiniteFuture()));
  });
  queue_.Close(absl::UnavailableError("closed"));
  text.join();
  loop.join();
}

TEST_F(RequestQueueTest, WakesAtTheTime) {
  EXPECT_TRUE(queue_.WaitForChange(queue_.version(), absl::InfinitePast()));
}

}  // namespace
}  // namespace ella
