#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "ella/v1/text_to_image.grpc.pb.h"
#include "server/config/server_options.h"
#include "server/identity/identity.h"
#include "server/logging/logger.h"
#include "server/metrics/metrics.h"
#include "server/models/model_store.h"
#include "server/output/output_pool.h"
#include "server/output/work_queue.h"
#include "server/rpc/active_requests.h"
#include "server/rpc/request_log.h"
#include "server/rpc/request_validation.h"
#include "server/rpc/response_channel.h"
#include "server/rpc/stream_writer.h"
#include "server/scheduling/request_queue.h"

namespace ella {

// ella.v1.TextToImageService: turns calls into tasks of the queue. gRPC's
// threads call it, and wait for nothing here.
class TextToImageService final
    : public v1::TextToImageService::CallbackService {
 public:
  // What it works with; all pointers outlive the service.
  struct Parts {
    ModelStore* models = nullptr;
    RequestQueue* queue = nullptr;
    OutputPool* pool = nullptr;
    WorkQueue* delivery = nullptr;  // of one thread
    Metrics* metrics = nullptr;
    const Identity* identity = nullptr;
    Logger* logger = nullptr;
    bool log_prompts = false;
    RequestLimits limits;
    size_t max_unsent_bytes = 0;
    // For a client to read one message.
    absl::Duration stall_time = absl::InfiniteDuration();
    std::string version;  // of the server, for the images' metadata
  };

  explicit TextToImageService(Parts parts);

  grpc::ServerWriteReactor<v1::GenerateResponse>* Generate(
      grpc::CallbackServerContext* context,
      const v1::GenerateRequest* request) override;
  grpc::ServerUnaryReactor* GenerateImages(
      grpc::CallbackServerContext* context,
      const v1::GenerateImagesRequest* request,
      v1::GenerateImagesResponse* response) override;
  grpc::ServerUnaryReactor* Cancel(grpc::CallbackServerContext* context,
                                   const v1::CancelRequest* request,
                                   v1::CancelResponse* response) override;
  grpc::ServerUnaryReactor* ListModels(
      grpc::CallbackServerContext* context,
      const v1::ListModelsRequest* request,
      v1::ListModelsResponse* response) override;

 private:
  // Queues the request, or closes the channel with what is wrong.
  void Submit(const grpc::CallbackServerContext& context,
              const v1::GenerateRequest& request, bool with_previews,
              CancelFlag cancelled, std::shared_ptr<ResponseChannel> channel);
  // Whether the caller's key allows it, before it is known to be valid.
  absl::StatusOr<ApiKeys::Place> Admit(const Caller& caller,
                                       const v1::GenerateRequest& request);
  // `summary`: what is known of the request so far.
  absl::Status Enqueue(std::unique_ptr<Task> task, ApiKeys::Place place,
                       RequestSummary summary,
                       std::shared_ptr<ResponseChannel> channel);

  const Parts parts_;
  const RequestLog request_log_;
  ActiveRequests active_;
};

}  // namespace ella
