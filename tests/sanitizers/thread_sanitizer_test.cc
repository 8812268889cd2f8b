// The thread sanitizer itself: it must see a race, and must know the locks of
// an Abseil that isn't instrumented.
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace ella {
namespace {

// The sanitizer's own exit status.
constexpr int kReported = 66;

void Race() {
  int shared = 0;
  std::thread other([&shared] { ++shared; });
  ++shared;
  other.join();
}

class ThreadSanitizerTest : public testing::Test {
 protected:
  ThreadSanitizerTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(ThreadSanitizerTest, SeesARace) {
  EXPECT_EXIT(
      {
        Race();
        std::exit(0);
      },
      testing::ExitedWithCode(kReported), "data race");
}

// What one thread writes before each kind of hand-over and another reads after
// it is no race: a report would end this program with status 66.
struct Shared {
  absl::Mutex mutex;
  absl::CondVar signalled;
  bool ready ABSL_GUARDED_BY(mutex) = false;
  int value = 0;
};

void Publish(Shared& shared) {
  shared.value = 1;
  absl::MutexLock lock(&shared.mutex);
  shared.ready = true;
  shared.signalled.Signal();
}

TEST_F(ThreadSanitizerTest, KnowsAnAwait) {
  Shared shared;
  std::thread other([&shared] { Publish(shared); });
  {
    absl::MutexLock lock(&shared.mutex);
    shared.mutex.Await(absl::Condition(&shared.ready));
  }
  EXPECT_EQ(shared.value, 1);
  other.join();
}

TEST_F(ThreadSanitizerTest, KnowsAnAwaitWithALimit) {
  Shared shared;
  std::thread other([&shared] { Publish(shared); });
  {
    absl::MutexLock lock(&shared.mutex);
    while (!shared.mutex.AwaitWithTimeout(absl::Condition(&shared.ready),
                                          absl::Milliseconds(1))) {
    }
  }
  EXPECT_EQ(shared.value, 1);
  other.join();
}

TEST_F(ThreadSanitizerTest, KnowsALockWithACondition) {
  Shared shared;
  std::thread other([&shared] { Publish(shared); });
  { absl::MutexLock lock(&shared.mutex, absl::Condition(&shared.ready)); }
  EXPECT_EQ(shared.value, 1);
  other.join();
}

TEST_F(ThreadSanitizerTest, KnowsAConditionVariable) {
  Shared shared;
  std::thread other([&shared] { Publish(shared); });
  {
    absl::MutexLock lock(&shared.mutex);
    while (!shared.ready) shared.signalled.Wait(&shared.mutex);
  }
  EXPECT_EQ(shared.value, 1);
  other.join();
}

TEST_F(ThreadSanitizerTest, KnowsANotification) {
  absl::Notification done;
  int value = 0;
  std::thread other([&] {
    value = 1;
    done.Notify();
  });
  done.WaitForNotification();
  EXPECT_EQ(value, 1);
  other.join();
}

}  // namespace
}  // namespace ella
