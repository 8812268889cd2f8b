// The service's calls, with retries and cancellation.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cancellation.h"
#include "client/retry_policy.h"
#include "ella/v1/text_to_image.grpc.pb.h"
#include "grpcpp/channel.h"

namespace ella {

struct ClientOptions {
  RetryOptions retry;
  // Told before each wait for another try; may be null.
  std::function<void(const absl::Status& error, absl::Duration delay)> on_retry;
  // What ends the calls early; null: nothing does. Outlives the client.
  Cancellation* cancellation = nullptr;
  // How to wait, for tests; null: until the time is over or all is cancelled.
  std::function<void(absl::Duration)> sleep;
};

// Calls one server. Each call blocks, and is tried again as RetryPolicy says
// until its deadline. One call at a time; Cancellation may come from any
// thread. Errors are the server's, with its details (client/rpc_status.h).
class GenerateClient {
 public:
  // Told of each event in order, on the calling thread. An error ends the call,
  // on the server too, and is what Generate returns.
  using OnEvent = std::function<absl::Status(const v1::GenerateResponse&)>;

  GenerateClient(const std::shared_ptr<grpc::Channel>& channel,
                 ClientOptions options);

  // OK once `done` and the end of the stream have come. There are no further
  // tries once an image has come, nor after RESOURCE_EXHAUSTED of a request
  // that was accepted, unless the server says when. A request without an id
  // gets one, which all tries share.
  absl::Status Generate(v1::GenerateRequest request, absl::Time deadline,
                        const OnEvent& on_event);

  absl::Status Cancel(const std::string& request_id, absl::Time deadline);

  absl::StatusOr<v1::ListModelsResponse> ListModels(absl::Time deadline);

 private:
  struct Outcome {
    absl::Status status;
    bool final = false;
  };
  using Try = std::function<Outcome(grpc::ClientContext& context)>;

  absl::Status Run(absl::Time deadline, const Try& one_try);
  Outcome TryGenerate(const v1::GenerateRequest& request,
                      const OnEvent& on_event, grpc::ClientContext& context);

  const std::unique_ptr<v1::TextToImageService::Stub> stub_;
  ClientOptions options_;
  Cancellation own_cancellation_;
};

}  // namespace ella
