// A server in this process whose Generate does what each test says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "ella/v1/text_to_image.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "tests/client/in_process_server.h"

namespace ella {

// With google.rpc details.
grpc::Status RetryStatus(grpc::StatusCode code, double delay_s);
grpc::Status BadRequestStatus(
    const std::string& message,
    const std::vector<std::pair<std::string, std::string>>& fields);

// Events as a server sends them.
v1::GenerateResponse QueuedEvent(const std::string& request_id);
v1::GenerateResponse StartedEvent();
v1::GenerateResponse ProgressEvent(uint32_t step, uint32_t steps);
v1::GenerateResponse PreviewEvent(uint32_t step, const std::string& bytes);
v1::GenerateResponse ImageEvent(uint32_t index, uint32_t seed,
                                const std::string& bytes);
v1::GenerateResponse DoneEvent();

// Thread-safe.
class FakeService final : public v1::TextToImageService::Service {
 public:
  FakeService();

  using Writer = grpc::ServerWriter<v1::GenerateResponse>;
  using Script = std::function<grpc::Status(const v1::GenerateRequest& request,
                                            Writer& writer)>;

  // What the next call of Generate does that has no script yet. Calls beyond
  // the last one do as it does.
  void AddScript(Script script);
  void set_fingerprint(const std::string& fingerprint);
  // Of the model; else 512x512 at guidance 7.5.
  void set_defaults(const v1::Defaults& defaults);
  void set_cancel_status(const grpc::Status& status);

  std::vector<v1::GenerateRequest> requests() const;
  std::vector<std::string> cancelled() const;
  // The header of each Generate; empty for none.
  std::vector<std::string> prompt_keys() const;

 private:
  grpc::Status Generate(grpc::ServerContext* context,
                        const v1::GenerateRequest* request,
                        Writer* writer) override;
  grpc::Status Cancel(grpc::ServerContext* context,
                      const v1::CancelRequest* request,
                      v1::CancelResponse* response) override;
  grpc::Status ListModels(grpc::ServerContext* context,
                          const v1::ListModelsRequest* request,
                          v1::ListModelsResponse* response) override;

  mutable absl::Mutex mutex_;
  std::vector<Script> scripts_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::GenerateRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> cancelled_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> prompt_keys_ ABSL_GUARDED_BY(mutex_);
  std::string fingerprint_ ABSL_GUARDED_BY(mutex_) = "abc";
  v1::Defaults defaults_ ABSL_GUARDED_BY(mutex_);
  grpc::Status cancel_status_ ABSL_GUARDED_BY(mutex_);
};

// A request that succeeds with so many images, "image 0" and so on.
FakeService::Script Success(uint32_t num_images);
// Refuses at once.
FakeService::Script Refusal(const grpc::Status& status);

using FakeServer = InProcessServer<FakeService>;

}  // namespace ella
