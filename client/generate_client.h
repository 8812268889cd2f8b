// The service's calls, with retries and cancellation.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cancellation.h"
#include "client/remaining_images.h"
#include "client/retry_policy.h"
#include "client/server_access.h"
#include "ella/v1/text_to_image.grpc.pb.h"

namespace ella {

struct ClientOptions {
  RetryOptions retry;
  // Told before each further try which server failed, and how long the wait
  // is; 0 where another server is tried at once. May be null.
  std::function<void(const std::string& server, const absl::Status& error,
                     absl::Duration delay)>
      on_retry;
  // What ends the calls early; null: nothing does. Outlives the client.
  Cancellation* cancellation = nullptr;
  // How to wait, for tests; null: until the time is over or all is cancelled.
  std::function<void(absl::Duration)> sleep;
};

// Calls one of several equal servers: the first one, and the next one where
// that is unavailable, which then stays the one to ask. Each call blocks, and
// is tried again as RetryPolicy says until its deadline. One call at a time;
// Cancellation may come from any thread. Errors are the server's, with its
// details (client/rpc_status.h).
class GenerateClient {
 public:
  // Told of each event in order, on the calling thread. An error ends the call,
  // on the server too, and is what Generate returns.
  using OnEvent = std::function<absl::Status(const v1::GenerateResponse&)>;

  // At least one server.
  GenerateClient(const std::vector<ServerChannel>& servers,
                 ClientOptions options);

  // OK once `done` and the end of the stream have come, or all images and then
  // UNAVAILABLE. Where some images have come, a further try asks for the others
  // alone; each is handed on once. There are no further tries after
  // RESOURCE_EXHAUSTED of a request that was accepted, unless the server says
  // when. A request without an id gets one, which all tries share.
  absl::Status Generate(v1::GenerateRequest request, absl::Time deadline,
                        const OnEvent& on_event);

  // Of a request with whichever server.
  absl::Status Cancel(const std::string& request_id, absl::Time deadline);

  absl::StatusOr<v1::ListModelsResponse> ListModels(absl::Time deadline);

 private:
  struct Outcome {
    absl::Status status;
    bool final = false;
  };
  using Stub = v1::TextToImageService::Stub;
  using Try = std::function<Outcome(Stub& stub, grpc::ClientContext& context)>;

  // One try with one server.
  Outcome Call(size_t server, absl::Time deadline, const Try& one_try);
  absl::Status Run(absl::Time deadline, const Try& one_try);
  Outcome TryGenerate(RemainingImages* images, const OnEvent& on_event,
                      Stub& stub, grpc::ClientContext& context);

  const std::vector<ServerChannel> servers_;
  std::vector<std::unique_ptr<Stub>> stubs_;  // by server
  size_t current_ = 0;                        // server
  ClientOptions options_;
  Cancellation own_cancellation_;
};

}  // namespace ella
