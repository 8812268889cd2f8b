#pragma once

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/server_builder.h"

namespace ella {

// The calls that gRPC has read from its connections and not let go of yet. A
// client may begin calls and take them back faster than gRPC (1.51) ends them,
// and it keeps any number: the "rapid reset" of CVE-2023-44487. Thread-safe.
class CallCount : public std::enable_shared_from_this<CallCount> {
 public:
  // Counts those of the server that is built.
  void Watch(grpc::ServerBuilder* builder);

  // Returns once there are fewer than `many`, or the time is over, or after
  // End: how many there are.
  int AwaitFewer(int many, absl::Duration limit);
  // Returns once there are `many`, and as many were `begun` since the start.
  // False after End.
  bool AwaitMany(int many, uint64_t begun);
  uint64_t begun() const;
  // Begun, and ended, since the start.
  uint64_t turnover() const;
  void End();

 private:
  class Counter;
  void Add(int calls);

  mutable absl::Mutex mutex_;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t begun_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ella
