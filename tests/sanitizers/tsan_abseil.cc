// Debian's Abseil is built without the thread sanitizer, which therefore sees
// none of its locks: what a lock hands over looks like a race. This file goes
// into every program of the tsan preset. Its definitions come before the
// shared library's, for the program and for gRPC alike; each calls the
// library's own and tells the sanitizer, as Abseil does when it is
// instrumented itself.
//
// Only those functions are here that the others end in. An Await counts as
// holding the lock exclusively: nobody here waits as a reader.
#include <sanitizer/tsan_interface.h>

#include <atomic>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "tests/sanitizers/library_function.h"

// gRPC and the others aren't instrumented either: what libraries themselves do
// to memory is not looked at.
extern "C" const char* __tsan_default_options() {
  return "ignore_noninstrumented_modules=1";
}

namespace absl {
ABSL_NAMESPACE_BEGIN

// As the library's own, less what only EnableDebugLog needs.
Mutex::~Mutex() {
  ForgetDeadlockInfo();
  __tsan_mutex_destroy(this, __tsan_mutex_not_static);
}

void Mutex::Lock() {
  static const auto lock = ella::LibraryFunction(&Mutex::Lock);
  __tsan_mutex_pre_lock(this, 0);
  (this->*lock)();
  __tsan_mutex_post_lock(this, 0, 0);
}

bool Mutex::TryLock() {
  static const auto lock = ella::LibraryFunction(&Mutex::TryLock);
  __tsan_mutex_pre_lock(this, __tsan_mutex_try_lock);
  const bool locked = (this->*lock)();
  const unsigned failed = locked ? 0 : __tsan_mutex_try_lock_failed;
  __tsan_mutex_post_lock(this, __tsan_mutex_try_lock | failed, 0);
  return locked;
}

void Mutex::LockWhen(const Condition& condition) {
  static const auto lock = ella::LibraryFunction(&Mutex::LockWhen);
  __tsan_mutex_pre_lock(this, 0);
  (this->*lock)(condition);
  __tsan_mutex_post_lock(this, 0, 0);
}

bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  static const auto lock = ella::LibraryFunction(&Mutex::LockWhenWithDeadline);
  __tsan_mutex_pre_lock(this, 0);
  const bool met = (this->*lock)(condition, deadline);
  __tsan_mutex_post_lock(this, 0, 0);
  return met;
}

void Mutex::Unlock() {
  static const auto unlock = ella::LibraryFunction(&Mutex::Unlock);
  __tsan_mutex_pre_unlock(this, 0);
  (this->*unlock)();
  __tsan_mutex_post_unlock(this, 0);
}

void Mutex::ReaderLock() {
  static const auto lock = ella::LibraryFunction(&Mutex::ReaderLock);
  __tsan_mutex_pre_lock(this, __tsan_mutex_read_lock);
  (this->*lock)();
  __tsan_mutex_post_lock(this, __tsan_mutex_read_lock, 0);
}

void Mutex::ReaderUnlock() {
  static const auto unlock = ella::LibraryFunction(&Mutex::ReaderUnlock);
  __tsan_mutex_pre_unlock(this, __tsan_mutex_read_lock);
  (this->*unlock)();
  __tsan_mutex_post_unlock(this, __tsan_mutex_read_lock);
}

// Waits with the lock released, and has it again at the end.
bool Mutex::AwaitCommon(const Condition& condition,
                        synchronization_internal::KernelTimeout limit) {
  static const auto wait = ella::LibraryFunction(&Mutex::AwaitCommon);
  __tsan_mutex_pre_unlock(this, 0);
  __tsan_mutex_post_unlock(this, 0);
  __tsan_mutex_pre_lock(this, 0);
  const bool met = (this->*wait)(condition, limit);
  __tsan_mutex_post_lock(this, 0, 0);
  return met;
}

bool CondVar::WaitCommon(Mutex* mutex,
                         synchronization_internal::KernelTimeout limit) {
  static const auto wait = ella::LibraryFunction(&CondVar::WaitCommon);
  __tsan_mutex_pre_unlock(mutex, 0);
  __tsan_mutex_post_unlock(mutex, 0);
  __tsan_mutex_pre_lock(mutex, 0);
  const bool timed_out = (this->*wait)(mutex, limit);
  __tsan_mutex_post_lock(mutex, 0, 0);
  return timed_out;
}

// A notification that has come is read without its lock.
void Notification::Notify() {
  static const auto notify = ella::LibraryFunction(&Notification::Notify);
  __tsan_release(&notified_yet_);
  (this->*notify)();
}

void Notification::WaitForNotification() const {
  static const auto wait =
      ella::LibraryFunction(&Notification::WaitForNotification);
  (this->*wait)();
  __tsan_acquire(const_cast<std::atomic<bool>*>(&notified_yet_));
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static const auto wait =
      ella::LibraryFunction(&Notification::WaitForNotificationWithTimeout);
  const bool notified = (this->*wait)(timeout);
  __tsan_acquire(const_cast<std::atomic<bool>*>(&notified_yet_));
  return notified;
}

bool Notification::WaitForNotificationWithDeadline(Time deadline) const {
  static const auto wait =
      ella::LibraryFunction(&Notification::WaitForNotificationWithDeadline);
  const bool notified = (this->*wait)(deadline);
  __tsan_acquire(const_cast<std::atomic<bool>*>(&notified_yet_));
  return notified;
}

ABSL_NAMESPACE_END
}  // namespace absl
