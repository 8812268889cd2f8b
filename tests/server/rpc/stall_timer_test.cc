#include "server/rpc/stall_timer.h"

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace ella {
namespace {

TEST(StallTimerTest, TellsWhatTakesTooLong) {
  absl::Notification stalled;
  StallTimer timer(absl::Milliseconds(10), [&] { stalled.Notify(); });
  timer.Start();
  stalled.WaitForNotification();
}

TEST(StallTimerTest, CountsEachTurnAnew) {
  absl::Notification stalled;
  StallTimer timer(absl::Milliseconds(10), [&] { stalled.Notify(); });
  for (int i = 0; i < 1000; ++i) {
    timer.Start();
    timer.Stop();
  }
  EXPECT_FALSE(stalled.HasBeenNotified());
  timer.Start();
  stalled.WaitForNotification();
}

TEST(StallTimerTest, SaysNothingAfterItsEnd) {
  for (int i = 0; i < 1000; ++i) {
    auto told = std::make_unique<int>(0);
    StallTimer timer(absl::Microseconds(i), [&told] { ++*told; });
    timer.Start();
    // The timer goes first; the address sanitizer would see a late call.
  }
}

TEST(StallTimerTest, InfiniteNeverEnds) {
  StallTimer timer(absl::InfiniteDuration(), [] { FAIL(); });
  timer.Start();
  timer.Stop();
}

}  // namespace
}  // namespace ella
