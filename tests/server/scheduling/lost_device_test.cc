// A device that fails for good, found by one of its calls.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/scheduling/scheduler_fixture.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LostDeviceTest : public SchedulerFixture {
 protected:
  // Of three requests, one has the seed 1 and the prompt "broken".
  void ExpectAllEnd() {
    TestRequest meets = MakeRequest(&engine_, 1, 3),
                runs = MakeRequest(&engine_, 2, 9),
                waits = MakeRequest(&engine_, 3, 9);
    meets.task->params.prompt = "broken";
    for (TestRequest* each : {&meets, &runs, &waits}) Add(each);
    scheduler_.Run();
    const absl::Status told =
        absl::UnavailableError("the server's device has failed");
    for (const TestRequest* each : {&meets, &runs, &waits}) {
      EXPECT_EQ(each->sink->end(), told);
    }
    EXPECT_THAT(lost_, ElementsAre(error_));
    EXPECT_EQ(engine_.rows_alive(), 0);
    TestRequest late = MakeRequest(&engine_, 4);
    EXPECT_EQ(queue_.Enqueue(&late.task), told);
    EXPECT_FALSE(scheduler_.RunOnce());
  }

  const absl::Status error_ = absl::UnavailableError("CUDA error: 700");
};

TEST_F(LostDeviceTest, FoundByAStep) {
  engine_.FailStep(1, 2, error_);
  ExpectAllEnd();
  EXPECT_THAT(engine_.batches(), SizeIs(2));
}

TEST_F(LostDeviceTest, FoundByADecoding) {
  engine_.FailDecode(1, error_);
  ExpectAllEnd();
  EXPECT_THAT(engine_.batches(), SizeIs(3));
}

TEST_F(LostDeviceTest, FoundByAnEncoding) {
  engine_.FailEncode("broken", error_);
  ExpectAllEnd();
  EXPECT_THAT(engine_.batches(), IsEmpty());
}

}  // namespace
}  // namespace ella
