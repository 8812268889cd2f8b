#include "server/scheduling/step_scheduler.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/scheduling/scheduler_fixture.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Batches = std::vector<std::vector<uint32_t>>;

constexpr int kPixels = 4;  // latent, of a request of MakeRequest

class StepSchedulerTest : public SchedulerFixture {};

TEST_F(StepSchedulerTest, IdleThereIsNothingToDo) {
  EXPECT_FALSE(scheduler_.RunOnce());
}

TEST_F(StepSchedulerTest, OneRequestFromStartToEnd) {
  TestRequest a = MakeRequest(&engine_, 7);
  a.task->preview.every_steps = 1;
  a.task->preview.max_side = 99;
  Add(&a);
  clock_.Advance(absl::Seconds(10));
  RunAll();
  EXPECT_THAT(
      a.sink->log(),
      ElementsAre("queued 0", "started", "progress 0 1/3", "preview 0 1",
                  "progress 0 2/3", "preview 0 2", "progress 0 3/3",
                  "image 0 seed 7", "done", "closed OK"));
  EXPECT_THAT(engine_.preview_sides(), ElementsAre(99, 99));
  const DoneEvent done = a.sink->All<DoneEvent>()[0];
  EXPECT_EQ(done.queue_time, absl::Seconds(10.1));  // with a tenth for the text
  EXPECT_EQ(done.text_time, absl::Seconds(0.1));
  EXPECT_EQ(done.denoise_time, absl::Seconds(3));
  EXPECT_EQ(done.decode_time, absl::Seconds(0.1));
  EXPECT_EQ(done.mean_batch_rows, 1);
  EXPECT_EQ(done.text_cache_hits, 0);
  EXPECT_EQ(done.connector_cache_hits, 3);
  EXPECT_EQ(engine_.rows_alive(), 0);
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

TEST_F(StepSchedulerTest, RequestsJoinAndLeaveBetweenSteps) {
  TestRequest a = MakeRequest(&engine_, 1, 3), b = MakeRequest(&engine_, 2, 1),
              c = MakeRequest(&engine_, 3, 2);
  Add(&a);
  Turn(1);
  Add(&b);
  Add(&c);
  Turn(1);
  // What is done has its picture without waiting for the others.
  EXPECT_EQ(EndOf(b), absl::StatusCode::kOk);
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1}, {1, 2, 3}, {1, 3}}));
  EXPECT_EQ(a.sink->All<DoneEvent>()[0].mean_batch_rows, 2);
  EXPECT_EQ(metrics_.joins_total.Value(), 3);
  EXPECT_EQ(metrics_.row_steps_total.Value(), 6);
}

TEST_F(StepSchedulerTest, AllKindsOfRowsShareABatch) {
  TestRequest guided = MakeRequest(&engine_, 1, 2),
              clip = MakeRequest(&engine_, 2, 1);
  guided.task->params.guidance_scale = 7;
  guided.task->params.prompt = "a cat";
  guided.task->params.negative_prompt = "bad";
  clip.task->params.conditioning = Conditioning::kClip;
  clip.task->params.sampler = "euler";
  Add(&guided);
  Add(&clip);
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1, 2}, {1}}));
  EXPECT_EQ(clip.sink->All<DoneEvent>()[0].mean_batch_rows, 3);
  EXPECT_EQ(guided.sink->All<StartedEvent>()[0].prompt.given, 3);
  EXPECT_EQ(guided.sink->All<StartedEvent>()[0].negative->given, 2);
  EXPECT_FALSE(clip.sink->All<StartedEvent>()[0].negative.has_value());
}

TEST_F(StepSchedulerTest, SizesTakeTurnsByCaller) {
  TestRequest a = MakeRequest(&engine_, 1, 2), b = MakeRequest(&engine_, 2, 2);
  b.task->params.width = 32;
  b.task->caller = "another";
  Add(&a);
  Add(&b);
  RunAll();
  // A step of b is worth two of a.
  EXPECT_EQ(engine_.batches(), (Batches{{1}, {2}, {1}, {2}}));
}

TEST_F(StepSchedulerTest, ImagesOfARequestShareEachStepAndTheirDecoding) {
  TestRequest a = MakeRequest(&engine_, 0xffffffff, 1);
  a.task->params.num_images = 3;
  Add(&a);
  RunAll();
  EXPECT_THAT(engine_.history(),
              ElementsAre("step 4294967295 0 1", "slice 4294967295 0 1"));
  EXPECT_THAT(a.sink->log(),
              AllOf(Contains("image 0 seed 4294967295"),
                    Contains("image 1 seed 0"), Contains("image 2 seed 1")));
  EXPECT_EQ(a.sink->All<DoneEvent>()[0].mean_batch_rows, 3);
}

TEST_F(StepSchedulerTest, MoreRowsThanFitTakeTurns) {
  TestRequest a = MakeRequest(&engine_, 1, 2);
  a.task->params.num_images = 3;
  a.task->params.guidance_scale = 2;
  Add(&a);
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1, 2}, {1, 3}, {2, 3}}));
  EXPECT_THAT(a.sink->All<ImageEvent>(), SizeIs(3));
  EXPECT_EQ(a.sink->All<DoneEvent>()[0].mean_batch_rows, 4);
}

TEST_F(StepSchedulerTest, AnUrgentRequestParksARunningOneWhichGoesOnAfter) {
  TestRequest slow = MakeRequest(&engine_, 1, 3);
  slow.task->params.num_images = 4;
  Add(&slow);
  Turn(1);
  TestRequest urgent = MakeRequest(&engine_, 9, 2);
  urgent.task->priority = 1;
  urgent.task->params.height = 32;  // of another size, so that none can stay
  Add(&urgent);
  Turn(2);
  EXPECT_EQ(EndOf(urgent), absl::StatusCode::kOk);
  EXPECT_EQ(metrics_.parks_total.Value(), 4);
  RunAll();
  EXPECT_EQ(engine_.batches(),
            (Batches{{1, 2, 3, 4}, {9}, {9}, {1, 2, 3, 4}, {1, 2, 3, 4}}));
  EXPECT_EQ(EndOf(slow), absl::StatusCode::kOk);
  EXPECT_EQ(slow.sink->All<DoneEvent>()[0].denoise_time, absl::Seconds(3));
}

TEST_F(StepSchedulerTest, ACallerWithManyRequestsLeavesRoomForOthers) {
  std::vector<TestRequest> flood;
  for (int i = 0; i < 8; ++i) {
    flood.push_back(MakeRequest(&engine_, i, 5));
    Add(&flood.back());
  }
  Turn(2);
  TestRequest other = MakeRequest(&engine_, 100, 2);
  other.task->caller = "another";
  Add(&other);
  Turn(2);
  EXPECT_EQ(EndOf(other), absl::StatusCode::kOk);
  EXPECT_THAT(flood[0].sink->end(), ::testing::Eq(std::nullopt));
  RunAll();
}

TEST_F(StepSchedulerTest, ACancelStopsTheWorkAtTheNextStep) {
  TestRequest a = MakeRequest(&engine_, 1, 9), b = MakeRequest(&engine_, 2, 3);
  Add(&a);
  Add(&b);
  Turn(2);
  *a.cancelled = true;
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1, 2}, {1, 2}, {2}}));
  EXPECT_EQ(EndOf(a), absl::StatusCode::kCancelled);
  EXPECT_THAT(a.sink->log(), Not(Contains("done")));
  EXPECT_EQ(EndOf(b), absl::StatusCode::kOk);
  EXPECT_EQ(engine_.rows_alive(), 0);
  EXPECT_EQ(metrics_.row_steps_after_cancel_total.Value(), 0);
}

TEST_F(StepSchedulerTest, AStepThatEndsAfterTheDeadlineIsCounted) {
  TestRequest a = MakeRequest(&engine_, 1, 9);
  a.task->deadline = clock_.Now() + absl::Seconds(1.5);
  Add(&a);
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1}, {1}}));
  EXPECT_EQ(EndOf(a), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(metrics_.row_steps_after_cancel_total.Value(), 1);
  EXPECT_EQ(engine_.rows_alive(), 0);
}

TEST_F(StepSchedulerTest, AWaitingRequestCanBeCancelled) {
  TestRequest a = MakeRequest(&engine_, 1);
  Add(&a);
  *a.cancelled = true;
  RunAll();
  EXPECT_THAT(a.sink->log(), ElementsAre("queued 0", "closed CANCELLED"));
  EXPECT_THAT(engine_.batches(), IsEmpty());
}

TEST_F(StepSchedulerTest, CancelledWhileItIsDecoded) {
  engine_.SetDecodeSlices(20);
  TestRequest a = MakeRequest(&engine_, 1, 1), b = MakeRequest(&engine_, 2, 9);
  Add(&a);
  Add(&b);
  Turn(1);
  EXPECT_THAT(engine_.history(), Contains("slice 1"));
  *a.cancelled = true;
  Turn(1);
  EXPECT_EQ(EndOf(a), absl::StatusCode::kCancelled);
  EXPECT_EQ(engine_.history().back(), "step 2");
}

TEST_F(StepSchedulerTest, DecodingTakesHalfAStepsTimeBetweenSteps) {
  engine_.SetDecodeSlices(8);
  TestRequest a = MakeRequest(&engine_, 1, 1), b = MakeRequest(&engine_, 2, 2);
  Add(&a);
  Add(&b);
  Turn(2);
  EXPECT_THAT(engine_.history(),
              ElementsAre("step 1 2", "slice 1", "slice 1", "slice 1",
                          "slice 1", "slice 1", "step 2", "slice 1", "slice 1",
                          "slice 1", "slice 2", "slice 2"));
  EXPECT_EQ(a.sink->All<DoneEvent>()[0].decode_time, absl::Seconds(0.8));
}

TEST_F(StepSchedulerTest, SlicesOfAVaePreviewGoBetweenSteps) {
  engine_.SetDecodeSlices(8);
  TestRequest a = MakeRequest(&engine_, 1, 5);
  a.task->preview.every_steps = 1;
  a.task->preview.kind = PreviewKind::kVae;
  Add(&a);
  Turn(2);
  EXPECT_THAT(a.sink->log(),
              ElementsAre("queued 0", "started", "progress 0 1/5",
                          "progress 0 2/5", "preview 0 1"));
  // The second one was due while the first was still being decoded.
  EXPECT_EQ(metrics_.previews_dropped_decoder.Value(), 1);
  RunAll();
  EXPECT_EQ(EndOf(a), absl::StatusCode::kOk);
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
  EXPECT_EQ(engine_.batches(), (Batches{{1, 2, 9}, {1, 2, 9}, {9}}));
  EXPECT_EQ(engine_.rows_alive(), 0);
}

TEST_F(StepSchedulerTest, AFailureToEncodeOrDecodeEndsItsRequestAlone) {
  engine_.FailEncode("poison", absl::InternalError("encode"));
  engine_.FailDecode(2, absl::ResourceExhaustedError("decode"));
  TestRequest a = MakeRequest(&engine_, 1), b = MakeRequest(&engine_, 2),
              c = MakeRequest(&engine_, 3);
  a.task->params.prompt = "poison";
  for (TestRequest* request : {&a, &b, &c}) Add(request);
  RunAll();
  EXPECT_THAT(a.sink->log(), ElementsAre("queued 0", "closed INTERNAL"));
  EXPECT_THAT(b.sink->log(), Contains("closed RESOURCE_EXHAUSTED"));
  EXPECT_EQ(EndOf(c), absl::StatusCode::kOk);
  EXPECT_EQ(engine_.rows_alive(), 0);
}

TEST_F(StepSchedulerTest, ABatchTooLargeForTheMemoryIsSplitAndTheCapFalls) {
  engine_.SetMostPixels(2 * kPixels);
  std::vector<TestRequest> requests;
  for (int i = 1; i <= 4; ++i) {
    requests.push_back(MakeRequest(&engine_, i, 2));
    Add(&requests.back());
  }
  RunAll();
  EXPECT_EQ(engine_.batches(), (Batches{{1, 2}, {3, 4}, {1, 2}, {3, 4}}));
  for (const TestRequest& request : requests) {
    EXPECT_EQ(EndOf(request), absl::StatusCode::kOk);
  }
  EXPECT_EQ(metrics_.out_of_memory_total.Value(), 1);
  EXPECT_EQ(metrics_.batch_splits_total.Value(), 1);
  EXPECT_EQ(costs_.Of(&engine_).RowLimit(kPixels), 2);
}

TEST_F(StepSchedulerTest, ARowTooLargeForTheMemoryFailsAlone) {
  engine_.SetMostPixels(kPixels);
  TestRequest large = MakeRequest(&engine_, 1),
              small = MakeRequest(&engine_, 2);
  large.task->params.guidance_scale = 2;
  Add(&large);
  Add(&small);
  RunAll();
  EXPECT_EQ(EndOf(large), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(EndOf(small), absl::StatusCode::kOk);
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
  EXPECT_THAT(queue_.Close(absl::UnavailableError("closed")), SizeIs(1));
  engine_.Release();
  loop.join();
  EXPECT_EQ(EndOf(a), absl::StatusCode::kOk);
  EXPECT_EQ(engine_.batches(), Batches(3, {1}));
}

}  // namespace
}  // namespace ella
