// The thread sanitizer itself: it must see a race, and must know the locks of
// an Abseil that isn't instrumented. A report makes this program fail.
#include <gtest/gtest.h>

#include <atomic>
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
  int value = 0;
  std::thread other([&value] { ++value; });
  ++value;
  other.join();
}

TEST(ThreadSanitizerTest, SeesARace) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Race();
        std::exit(0);
      },
      testing::ExitedWithCode(kReported), "data race");
}

struct Shared {
  absl::Mutex mutex;
  absl::CondVar signalled;
  bool ready ABSL_GUARDED_BY(mutex) = false;
  int value = 0;  // who may use it, `ready` says
};

// Called with the lock, as is each way to wait.
void Await(Shared& shared) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shared.mutex) {
  shared.mutex.Await(absl::Condition(&shared.ready));
}
void AwaitWithTimeout(Shared& shared)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(shared.mutex) {
  shared.mutex.AwaitWithTimeout(absl::Condition(&shared.ready),
                                absl::InfiniteDuration());
}
void LockWhen(Shared& shared) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shared.mutex) {
  shared.mutex.Unlock();
  shared.mutex.LockWhen(absl::Condition(&shared.ready));
}
void LockWhenWithTimeout(Shared& shared)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(shared.mutex) {
  shared.mutex.Unlock();
  shared.mutex.LockWhenWithTimeout(absl::Condition(&shared.ready),
                                   absl::InfiniteDuration());
}
void Wait(Shared& shared) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shared.mutex) {
  while (!shared.ready) shared.signalled.Wait(&shared.mutex);
}
void WaitWithTimeout(Shared& shared)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(shared.mutex) {
  while (!shared.ready) {
    shared.signalled.WaitWithTimeout(&shared.mutex, absl::Hours(1));
  }
}

void Receive(void (*wait)(Shared&)) {
  Shared shared;
  std::thread giver;
  {
    absl::MutexLock lock(&shared.mutex);
    giver = std::thread([&shared] {
      shared.value = 1;
      absl::MutexLock lock(&shared.mutex);
      shared.ready = true;
      shared.signalled.Signal();
    });
    wait(shared);
  }
  EXPECT_EQ(shared.value, 1);
  giver.join();
}

TEST(ThreadSanitizerTest, KnowsEachWayToWait) {
  Receive(Await);
  Receive(AwaitWithTimeout);
  Receive(LockWhen);
  Receive(LockWhenWithTimeout);
  Receive(Wait);
  Receive(WaitWithTimeout);
}

TEST(ThreadSanitizerTest, KnowsTryLock) {
  absl::Mutex mutex;
  int value = 0;
  if (!mutex.TryLock()) FAIL();
  std::thread other([&] {
    absl::MutexLock lock(&mutex);
    ++value;
  });
  ++value;
  mutex.Unlock();
  other.join();
  EXPECT_EQ(value, 2);
}

TEST(ThreadSanitizerTest, KnowsReaders) {
  absl::Mutex mutex;
  int value = 0;
  std::atomic<int> told = 0;  // relaxed: hands nothing over itself
  std::thread writer([&] {
    {
      absl::MutexLock lock(&mutex);
      ++value;
    }
    told.store(1, std::memory_order_relaxed);
    told.notify_one();
  });
  told.wait(0, std::memory_order_relaxed);
  {
    absl::ReaderMutexLock lock(&mutex);
    EXPECT_EQ(value, 1);
  }
  writer.join();
}

void Notified(void (*wait)(const absl::Notification&)) {
  absl::Notification done;
  int value = 0;
  std::atomic<int> told = 0;
  std::thread other([&] {
    value = 1;
    done.Notify();
    told.store(1, std::memory_order_relaxed);
    told.notify_one();
  });
  told.wait(0, std::memory_order_relaxed);
  wait(done);
  EXPECT_EQ(value, 1);
  other.join();
}

TEST(ThreadSanitizerTest, KnowsANotificationThatHasCome) {
  Notified([](const absl::Notification& done) { done.WaitForNotification(); });
  Notified([](const absl::Notification& done) {
    done.WaitForNotificationWithTimeout(absl::ZeroDuration());
  });
  Notified([](const absl::Notification& done) {
    done.WaitForNotificationWithDeadline(absl::InfinitePast());
  });
  Notified([](const absl::Notification& done) {
    EXPECT_TRUE(done.HasBeenNotified());
  });
}

}  // namespace
}  // namespace ella
