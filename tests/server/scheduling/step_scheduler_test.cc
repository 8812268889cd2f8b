#include "server/scheduling/step_scheduler.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_engine.h"
#include "tests/server/scheduling/task_maker.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

using Batches = std::vector<std::vector<uint32_t>>;

class StepSchedulerTest : public ::testing::Test {
 protected:
  void Add(TestRequest* request) {
    ASSERT_TRUE(queue_.Enqueue(&request->task).ok());
  }

  void RunAll() {
    while (scheduler_.RunOnce()) {
    }
  }

  void Turn(int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(scheduler_.RunOnce());
  }

  absl::StatusCode EndOf(const TestRequest& request) {
    return request.sink->end().value().code();
  }

  FakeClock clock_;
  FakeEngine engine_{&clock_};
  StepTimeEstimator estimator_;
  RequestQueue queue_{{}, &clock_, &estimator_};
  StepScheduler scheduler_{
      {.max_batch_rows = 4}, &queue_, &estimator_, &clock_};
};

TEST_F(StepSchedulerTest, IdleThereIsNothingToDo) {
  EXPECT_FALSE(scheduler_.RunOnce());
}

TEST_F(StepSchedulerTest, OneRequestFromStartToEnd) {
  TestRequest a = MakeRequest(&engine_, 7);
  a.task->preview.every_steps = 2;
  a.task->preview.max_side = 99;
  Add(&a);
  clock_.Advance(absl::Seconds(10));
  RunAll();
  EXPECT_THAT(a.sink->log(),
              ElementsAre("queued 0", "started", "progress 0 1/3",
                          "progress 0 2/3", "preview 0 2", "progress 0 3/3",
                          "image 0 seed 7", "done", "closed OK"));
  EXPECT_THAT(engine_.preview_sides(), ElementsAre(99));
  const DoneEvent done = a.sink->All<DoneEvent>()[0];
  EXPECT_EQ(done.queue_time, absl::Seconds(10));
  EXPECT_EQ(done.denoise_time, absl::Seconds(3));
  EXPECT_EQ(done.mean_batch_rows, 1);
  engine_.WaitForRows(0);
}

TEST_F(StepSchedulerTest, EtaIsTheTimeOfTheStepsLeft) {
  TestRequest a = MakeRequest(&engine_, 1);
  Add(&a);
  RunAll();
  std::vector<absl::Duration> etas;
  for (const ProgressEvent& e : a.sink->All<ProgressEvent>()) {
    etas.push_back(e.eta);
  }
  EXPECT_THAT(etas, ElementsAre(absl::Seconds(2), absl::Seconds(1),
                                absl::ZeroDuration()));
}

TEST_F(StepSchedulerTest, NegativePromptIsEncodedOnlyWithGuidance) {
  TestRequest a = MakeRequest(&engine_, 1);
  a.task->params.prompt = "a cat";
  a.task->params.negative_prompt = "bad";
  TestRequest b = MakeRequest(&engine_, 2);
  b.task->params = a.task->params;
  b.task->params.guidance_scale = 2;
  Add(&a);
  Add(&b);
  RunAll();
  EXPECT_THAT(engine_.encoded(),
              ElementsAre(ElementsAre("a cat"), ElementsAre("a cat", "bad")));
  EXPECT_FALSE(a.sink->All<StartedEvent>()[0].negative.has_value());
  EXPECT_EQ(b.sink->All<StartedEvent>()[0].prompt.given, 3);
  EXPECT_EQ(b.sink->All<StartedEvent>()[0].negative->given, 2);
}

TEST_F(StepSchedulerTest, ImagesOfARequestShareEachStep) {
  TestRequest a = MakeRequest(&engine_, 0xffffffff);
  a.task->params.num_images = 3;
  Add(&a);
  RunAll();
  EXPECT_EQ(engine_.batches(), Batches(3, {0xffffffff, 0, 1}));
  EXPECT_THAT(a.sink->log(),
              AllOf(Contains("image 0 seed 4294967295"),
                    Contains("image 1 seed 0"), Contains("image 2 seed 1")));
  EXPECT_EQ(a.sink->All<DoneEvent>()[0].mean_batch_rows, 3);
}

TEST_F(StepSchedulerTest, MoreRowsThanFitTakeTurns) {
  TestRequest a = MakeRequest(&engine_, 1);
  a.task->params.num_images = 3;
  a.task->params.guidance_scale = 2;
  a.task->params.steps = 2;
  Add(&a);
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1, 2}, {1, 3}, {2, 3}}));
  EXPECT_EQ(EndOf(a), absl::StatusCode::kOk);
  EXPECT_EQ(a.sink->All<ImageEvent>().size(), 3);
  EXPECT_EQ(a.sink->All<DoneEvent>()[0].mean_batch_rows, 4);
}

TEST_F(StepSchedulerTest, ServesByPriorityThenAge) {
  TestRequest a = MakeRequest(&engine_, 1), b = MakeRequest(&engine_, 2),
              c = MakeRequest(&engine_, 3);
  for (TestRequest* r : {&a, &b, &c}) r->task->params.steps = 1;
  c.task->priority = 1;
  Add(&a);
  Turn(1);  // it runs before the urgent one comes
  Add(&b);
  Add(&c);
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1}, {3}, {2}}));
  EXPECT_THAT(
      b.sink->log(),
      ElementsAre("queued 1", "queued 2", "queued 1", "queued 0", "started",
                  "progress 0 1/1", "image 0 seed 2", "done", "closed OK"));
}

TEST_F(StepSchedulerTest, ACancelStopsTheWorkAtTheNextStep) {
  TestRequest a = MakeRequest(&engine_, 1), b = MakeRequest(&engine_, 2);
  Add(&a);
  Add(&b);
  Turn(2);
  *a.cancelled = true;
  Turn(1);
  EXPECT_EQ(engine_.batches(), (Batches{{1}}));
  EXPECT_EQ(EndOf(a), absl::StatusCode::kCancelled);
  EXPECT_THAT(a.sink->log(), Not(Contains("done")));
  RunAll();
  EXPECT_EQ(EndOf(b), absl::StatusCode::kOk);
  engine_.WaitForRows(0);
}

TEST_F(StepSchedulerTest, AWaitingRequestCanBeCancelled) {
  TestRequest a = MakeRequest(&engine_, 1), b = MakeRequest(&engine_, 2);
  Add(&a);
  Turn(1);
  Add(&b);
  *b.cancelled = true;
  Turn(1);
  EXPECT_THAT(b.sink->log(), ElementsAre("queued 1", "closed CANCELLED"));
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1}, {1}, {1}}));
}

TEST_F(StepSchedulerTest, ADeadlineStopsTheWorkAtTheNextStep) {
  TestRequest a = MakeRequest(&engine_, 1);
  a.task->deadline = clock_.Now() + absl::Seconds(2);
  Add(&a);
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1}, {1}}));
  EXPECT_EQ(EndOf(a), absl::StatusCode::kDeadlineExceeded);
  engine_.WaitForRows(0);
}

TEST_F(StepSchedulerTest, AFailedRowEndsItsRequestAlone) {
  engine_.FailStep(2, 2, absl::InternalError("NaN"));
  TestRequest a = MakeRequest(&engine_, 1), b = MakeRequest(&engine_, 9);
  a.task->params.num_images = 2;
  Add(&a);
  Add(&b);
  RunAll();
  EXPECT_EQ(a.sink->end().value(), absl::InternalError("NaN"));
  EXPECT_THAT(a.sink->All<ImageEvent>(), IsEmpty());
  EXPECT_EQ(EndOf(b), absl::StatusCode::kOk);
  EXPECT_EQ(engine_.batches(), (Batches{{1, 2}, {1, 2}, {9}, {9}, {9}}));
  engine_.WaitForRows(0);
}

TEST_F(StepSchedulerTest, AFailureToEncodeOrDecodeEndsItsRequestAlone) {
  engine_.FailEncode("poison", absl::InternalError("encode"));
  engine_.FailDecode(2, absl::ResourceExhaustedError("decode"));
  TestRequest a = MakeRequest(&engine_, 1), b = MakeRequest(&engine_, 2),
              c = MakeRequest(&engine_, 3);
  a.task->params.prompt = "poison";
  Add(&a);
  Add(&b);
  Add(&c);
  RunAll();
  EXPECT_THAT(a.sink->log(), Contains("closed INTERNAL"));
  EXPECT_THAT(a.sink->log(), Not(Contains("started")));
  EXPECT_THAT(b.sink->log(), Contains("closed RESOURCE_EXHAUSTED"));
  EXPECT_EQ(EndOf(c), absl::StatusCode::kOk);
}

TEST_F(StepSchedulerTest, AbortEndsWhatRuns) {
  TestRequest a = MakeRequest(&engine_, 1);
  Add(&a);
  Turn(2);
  scheduler_.Abort();
  EXPECT_FALSE(scheduler_.RunOnce());
  EXPECT_EQ(EndOf(a), absl::StatusCode::kUnavailable);
}

TEST_F(StepSchedulerTest, RunEndsWhenTheQueueIsClosedAndTheWorkDone) {
  TestRequest a = MakeRequest(&engine_, 1), b = MakeRequest(&engine_, 2);
  engine_.Block();
  Add(&a);
  std::thread loop([&] { scheduler_.Run(); });
  engine_.WaitUntilBlocked();
  Add(&b);
  EXPECT_EQ(queue_.Close().size(), 1);
  engine_.Release();
  loop.join();
  EXPECT_EQ(EndOf(a), absl::StatusCode::kOk);
  EXPECT_EQ(engine_.batches(), Batches(3, {1}));
}

}  // namespace
}  // namespace ella
