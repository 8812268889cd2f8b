// A server in this process whose requests begin and then never end by
// themselves.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "ella/v1/text_to_image.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "tests/client/in_process_server.h"

namespace ella {

// Each Generate gets `queued` and all of its steps' `progress` but for the
// last, and ends CANCELLED when its client ends it either way. A request
// without steps gets 10. Thread-safe.
class HeldService final : public v1::TextToImageService::CallbackService {
 public:
  // Until so many requests are held at once.
  void AwaitHeld(size_t count);

  // Requests that were ended by Cancel.
  int cancelled() const;

  grpc::ServerWriteReactor<v1::GenerateResponse>* Generate(
      grpc::CallbackServerContext* context,
      const v1::GenerateRequest* request) override;
  grpc::ServerUnaryReactor* Cancel(grpc::CallbackServerContext* context,
                                   const v1::CancelRequest* request,
                                   v1::CancelResponse* response) override;

 private:
  class Held;

  // Who takes a request out ends it; null for the others.
  Held* Release(const std::string& request_id);

  mutable absl::Mutex mutex_;
  std::map<std::string, Held*> held_ ABSL_GUARDED_BY(mutex_);
  int cancelled_ ABSL_GUARDED_BY(mutex_) = 0;
};

using HeldServer = InProcessServer<HeldService>;

}  // namespace ella
