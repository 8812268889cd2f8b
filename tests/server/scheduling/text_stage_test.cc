#include "server/scheduling/text_stage.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/scheduling/scheduler_fixture.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TextStageTest : public SchedulerFixture {
 protected:
  TestRequest Ask(const std::string& prompt, const std::string& negative = "") {
    TestRequest request = MakeRequest(&engine_, 1);
    request.task->params.prompt = prompt;
    if (!negative.empty()) {
      request.task->params.guidance_scale = 2;
      request.task->params.negative_prompt = negative;
    }
    EXPECT_TRUE(queue_.Enqueue(&request.task).ok());
    return request;
  }

  std::vector<EncodedTexts> Encoded() {
    std::vector<EncodedTexts> all;
    for (const RequestQueue::Ready& ready : queue_.ReadyTasks()) {
      all.push_back(queue_.Take(ready.id)->texts);
    }
    return all;
  }
};

TEST_F(TextStageTest, IdleThereIsNothingToDo) {
  EXPECT_FALSE(text_stage_.RunOnce());
}

TEST_F(TextStageTest, AllThatWaitAreEncodedInOnePassEachTextOnce) {
  Ask("a cat", "bad");
  Ask("a dog", "bad");
  Ask("a cat");
  EXPECT_TRUE(text_stage_.RunOnce());
  EXPECT_THAT(engine_.encoded(),
              ElementsAre(ElementsAre("a cat", "bad", "a dog")));
  const std::vector<EncodedTexts> all = Encoded();
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].encodings[0], all[2].encodings[0]);
  EXPECT_EQ(all[0].encodings[1], all[1].encodings[1]);
  EXPECT_EQ(all[0].cache_hits, 0);
  EXPECT_GT(all[0].time, absl::ZeroDuration());
}

TEST_F(TextStageTest, AHitCostsNoTime) {
  engine_.RememberTexts();
  Ask("a cat", "bad");
  text_stage_.RunOnce();
  Encoded();
  Ask("a cat", "bad");
  Ask("a dog", "bad");
  text_stage_.RunOnce();
  EXPECT_THAT(engine_.encoded(),
              ElementsAre(ElementsAre("a cat", "bad"), ElementsAre("a dog")));
  const std::vector<EncodedTexts> all = Encoded();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].cache_hits, 2);
  EXPECT_EQ(all[0].time, absl::ZeroDuration());
  EXPECT_EQ(all[1].cache_hits, 1);
}

TEST_F(TextStageTest, WhatCameMeanwhileIsFound) {
  engine_.RememberTexts();
  Ask("a cat");
  engine_.Encode({Text{"a cat"}});
  text_stage_.RunOnce();
  EXPECT_THAT(engine_.encoded(), SizeIs(1));
  EXPECT_EQ(Encoded()[0].cache_hits, 1);
}

TEST_F(TextStageTest, AFailureEndsItsOwnRequest) {
  engine_.FailEncode("poison", absl::InternalError("encoder"));
  TestRequest bad = Ask("poison"), good = Ask("a cat");
  text_stage_.RunOnce();
  EXPECT_THAT(Encoded(), SizeIs(1));
  EXPECT_EQ(queue_.TakeEnded()[0].why, absl::InternalError("encoder"));
}

TEST_F(TextStageTest, APassTakesABoundedNumberOfTasks) {
  for (int i = 0; i < 9; ++i) Ask(std::to_string(i));
  text_stage_.RunOnce();
  text_stage_.RunOnce();
  EXPECT_FALSE(text_stage_.RunOnce());
  ASSERT_THAT(engine_.encoded(), SizeIs(2));
  EXPECT_THAT(engine_.encoded()[0], SizeIs(8));
}

TEST_F(TextStageTest, ClosedItEnds) {
  Ask("a cat");
  queue_.Close(absl::UnavailableError("closed"));
  text_stage_.Run();
  EXPECT_THAT(engine_.encoded(), IsEmpty());
}

}  // namespace
}  // namespace ella
