// Random arrivals, settings, cancels, deadlines and failures: whatever happens,
// each request ends exactly once and nothing is left behind.
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/scheduling/scheduler_fixture.h"

namespace ella {
namespace {

constexpr int kRequests = 300;

class SchedulerRandomTest : public SchedulerFixture,
                            public ::testing::WithParamInterface<Batching> {
 protected:
  SchedulerRandomTest()
      : SchedulerFixture({.batching = GetParam(), .max_batch_rows = 6},
                         /*max_queue=*/12) {}

  int Random(int below) {
    return static_cast<int>(random_() % static_cast<unsigned>(below));
  }

  TestRequest MakeRandom(uint32_t seed) {
    TestRequest request = MakeRequest(&engine_, seed, 1 + Random(9));
    Task& task = *request.task;
    task.caller = std::to_string(Random(4));
    task.priority = Random(3);
    task.params.num_images = 1 + Random(3);
    task.params.guidance_scale = static_cast<float>(Random(3));
    task.params.prompt = std::to_string(Random(20));
    if (Random(3) == 0) task.params.width = 32;
    task.preview.every_steps = Random(3);
    task.preview.kind = Random(2) ? PreviewKind::kRgb : PreviewKind::kVae;
    if (Random(5) == 0) {
      task.deadline = clock_.Now() + absl::Seconds(1 + Random(40));
    }
    if (Random(10) == 0) {
      engine_.FailStep(seed, 1 + Random(4), absl::InternalError("NaN"));
    }
    if (Random(20) == 0) {
      engine_.FailDecode(seed, absl::InternalError("decode"));
    }
    return request;
  }

  std::mt19937 random_{7};
};

TEST_P(SchedulerRandomTest, EachRequestEndsExactlyOnce) {
  engine_.RememberTexts();
  engine_.SetDecodeSlices(5);
  engine_.SetMostPixels(20);  // five rows of the smaller size
  engine_.FailEncode("13", absl::InternalError("encode"));
  std::vector<TestRequest> accepted;
  int refused = 0;
  for (uint32_t i = 0; i < kRequests; ++i) {
    TestRequest request = MakeRandom(1000 * i);
    if (queue_.Enqueue(&request.task).ok()) {
      accepted.push_back(std::move(request));
    } else {
      ++refused;
      EXPECT_THAT(request.sink->log(), ::testing::IsEmpty());
    }
    for (int turn = Random(6); turn > 0; --turn) {
      if (Random(2) == 0) text_stage_.RunOnce();
      if (!scheduler_.RunOnce()) clock_.Advance(absl::Seconds(1));
    }
    if (Random(4) == 0) {
      *accepted[Random(static_cast<int>(accepted.size()))].cancelled = true;
    }
  }
  for (int idle = 0; idle < 3; ++idle) {
    RunAll();
    clock_.Advance(absl::Seconds(1));  // over a request window
  }

  EXPECT_GT(refused, 0);
  std::map<absl::StatusCode, int> ends;
  for (const TestRequest& request : accepted) {
    const std::vector<std::string> log = request.sink->log();
    int closings = 0;
    for (const std::string& entry : log) closings += entry.find("closed") == 0;
    ASSERT_EQ(closings, 1);
    EXPECT_EQ(log.back().find("closed"), 0);
    ++ends[EndOf(request)];
    if (EndOf(request) != absl::StatusCode::kOk) continue;
    EXPECT_EQ(log[log.size() - 2], "done");
  }
  EXPECT_GT(ends[absl::StatusCode::kOk], 0);
  EXPECT_GT(ends[absl::StatusCode::kCancelled], 0);
  EXPECT_GT(ends[absl::StatusCode::kDeadlineExceeded], 0);
  EXPECT_GT(ends[absl::StatusCode::kInternal], 0);
  EXPECT_EQ(engine_.rows_alive(), 0);
  EXPECT_EQ(queue_.size(), 0);
  EXPECT_EQ(metrics_.active_requests.Value(), 0);
}

INSTANTIATE_TEST_SUITE_P(Modes, SchedulerRandomTest,
                         ::testing::Values(Batching::kStep, Batching::kRequest,
                                           Batching::kOff));

}  // namespace
}  // namespace ella
