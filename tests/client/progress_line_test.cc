#include "client/progress_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tests/client/fake_service.h"

namespace ella {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(ProgressLineTest, IsSilentWhereItIsNotATerminal) {
  std::ostringstream stream;
  {
    ProgressLine line(stream, false, 1);
    line.Show(QueuedEvent("id"));
    line.Show(ProgressEvent(1, 2));
  }
  EXPECT_EQ(stream.str(), "");
}

TEST(ProgressLineTest, ShowsQueueThenBar) {
  std::ostringstream stream;
  ProgressLine line(stream, true, 1);
  line.Show(QueuedEvent("id"));
  EXPECT_EQ(stream.str(), "\rqueued, 3 ahead, about 12 s");
  line.Show(StartedEvent());
  line.Show(ProgressEvent(5, 20));
  EXPECT_THAT(stream.str(),
              EndsWith("\rstep 5/20 [#######.......................] "
                       "eta 15.0 s"));
  line.Show(ProgressEvent(20, 20));
  EXPECT_THAT(stream.str(), HasSubstr("step 20/20 [#######################"
                                      "#######] eta 0.0 s"));
}

TEST(ProgressLineTest, ImagesShareTheBar) {
  std::ostringstream stream;
  ProgressLine line(stream, true, 2);
  line.Show(ProgressEvent(10, 10));
  v1::GenerateResponse second = ProgressEvent(2, 10);
  second.mutable_progress()->set_image_index(1);
  line.Show(second);
  EXPECT_THAT(stream.str(), HasSubstr("step 6/10 [##################...."));
}

TEST(ProgressLineTest, OddNumbersDoNoHarm) {
  std::ostringstream stream;
  ProgressLine line(stream, true, 0);
  line.Show(ProgressEvent(0, 0));
  line.Show(ProgressEvent(50, 10));
  EXPECT_THAT(stream.str(), HasSubstr("step 0/0 [...."));
}

TEST(ProgressLineTest, ClearsTheWholeLine) {
  std::ostringstream stream;
  {
    ProgressLine line(stream, true, 1);
    line.Show(StartedEvent());
  }
  EXPECT_EQ(stream.str(), "\rstarting\r        \r");
}

}  // namespace
}  // namespace ella
