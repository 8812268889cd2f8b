// A wish to stop that one thread has and others act on.
#pragma once

#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/client_context.h"

namespace ella {

// Thread-safe.
class Cancellation {
 public:
  // For good. Ends the calls that are attached, and sleeps.
  void Cancel();

  bool cancelled() const;

  // Ends early on Cancel().
  void Sleep(absl::Duration duration);

  // Cancel() ends this call too, for as long as the object lives.
  class Attachment {
   public:
    // Both outlive it.
    Attachment(Cancellation* cancellation, grpc::ClientContext* context);
    ~Attachment();
    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;

   private:
    Cancellation* const cancellation_;
    grpc::ClientContext* const context_;
  };

 private:
  mutable absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<grpc::ClientContext*> contexts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ella
