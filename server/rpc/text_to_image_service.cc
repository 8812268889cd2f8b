#include "server/rpc/text_to_image_service.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/rpc/caller_identity.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/model_messages.h"
#include "server/rpc/response_sink.h"

namespace ella {
namespace {

uint32_t RandomNumber() { return std::random_device()(); }

std::string RandomId() {
  std::string id;
  for (int i = 0; i < 4; ++i) {
    absl::StrAppend(&id, absl::Hex(RandomNumber(), absl::kZeroPad8));
  }
  return id;
}

std::optional<TraceContext> TraceOf(const grpc::ServerContextBase& context) {
  const auto& metadata = context.client_metadata();
  // Two of them are as none.
  if (metadata.count("traceparent") != 1) return std::nullopt;
  const grpc::string_ref& header = metadata.find("traceparent")->second;
  return ParseTraceparent({header.data(), header.size()});
}

}  // namespace

TextToImageService::TextToImageService(Parts parts)
    : parts_(std::move(parts)),
      request_log_(parts_.logger, parts_.log_prompts) {}

grpc::ServerWriteReactor<v1::GenerateResponse>* TextToImageService::Generate(
    grpc::CallbackServerContext* context, const v1::GenerateRequest* request) {
  auto* writer =
      new StreamWriter(context, parts_.max_unsent_bytes, parts_.stall_time);
  Submit(*context, *request, /*with_previews=*/true, writer->cancelled(),
         writer->channel());
  return writer;
}

grpc::ServerUnaryReactor* TextToImageService::GenerateImages(
    grpc::CallbackServerContext* context,
    const v1::GenerateImagesRequest* request,
    v1::GenerateImagesResponse* response) {
  auto* writer = new ImagesWriter(context, response, parts_.stall_time);
  Submit(*context, request->request(), /*with_previews=*/false,
         writer->cancelled(), writer->channel());
  return writer;
}

void TextToImageService::Submit(const grpc::CallbackServerContext& context,
                                const v1::GenerateRequest& request,
                                bool with_previews, CancelFlag cancelled,
                                std::shared_ptr<ResponseChannel> channel) {
  RequestSummary summary;
  summary.id = request.request_id();
  const absl::StatusOr<Caller> caller =
      IdentifyCaller(context, *parts_.identity);
  summary.caller = caller.ok() ? caller->name : PeerIdentity(context);
  summary.caller_is_known = caller.ok() && caller->is_known;
  summary.trace = TraceOf(context);
  summary.priority = request.priority();
  // Before all that costs: finding a model may load it.
  absl::StatusOr<ApiKeys::Place> place =
      caller.ok() ? Admit(*caller, request) : caller.status();
  absl::StatusOr<EnginePtr> engine =
      place.ok() ? parts_.models->Find(request.model()) : place.status();
  absl::StatusOr<ValidRequest> valid =
      engine.ok()
          ? ValidateRequest(request, **engine, parts_.limits, RandomNumber())
          : engine.status();
  absl::Status status = valid.status();
  if (status.ok()) {
    if (summary.id.empty()) summary.id = RandomId();
    summary.params = valid->params;
    auto task = std::make_unique<Task>();
    task->params = std::move(valid->params);
    task->engine = *std::move(engine);
    if (with_previews) task->preview = valid->preview;
    task->caller = summary.caller;
    task->priority = summary.priority;
    task->deadline = absl::FromChrono(context.deadline());
    task->cancelled = std::move(cancelled);
    status = Enqueue(std::move(task), *std::move(place), summary, channel);
  }
  if (status.ok()) return;
  parts_.metrics->CountRequest(status);
  if (summary.caller_is_known) {
    parts_.metrics->CountCallersRequest(summary.caller, status, /*images=*/0);
  }
  request_log_.Write(summary, status);
  channel->Close(status);
}

absl::StatusOr<ApiKeys::Place> TextToImageService::Admit(
    const Caller& caller, const v1::GenerateRequest& request) {
  if (parts_.identity->api_keys == nullptr) return nullptr;
  const uint32_t most = std::numeric_limits<int>::max();
  const int num_images =
      request.has_num_images()
          ? static_cast<int>(std::min(request.num_images(), most))
          : GenerationParams().num_images;
  return parts_.identity->api_keys->Admit(caller, request.priority(),
                                          num_images);
}

absl::Status TextToImageService::Enqueue(
    std::unique_ptr<Task> task, ApiKeys::Place place, RequestSummary summary,
    std::shared_ptr<ResponseChannel> channel) {
  const std::string id = summary.id;
  absl::Status status = active_.Add(id, task->caller, task->cancelled);
  if (!status.ok()) return status;
  ResponseSink::Request described;
  described.summary = std::move(summary);
  described.metadata.params = task->params;
  described.metadata.params.num_images = 1;
  described.metadata.model_fingerprint = task->engine->info().fingerprint;
  described.metadata.version = parts_.version;
  described.on_stopped = [this, id, place = std::move(place)]() mutable {
    place.reset();
    active_.Remove(id);
  };
  task->sink = std::make_shared<ResponseSink>(
      std::move(described), std::move(channel),
      ResponseSink::Parts{parts_.pool, parts_.delivery, parts_.metrics,
                          &request_log_});
  status = parts_.queue->Enqueue(&task);
  if (!status.ok()) active_.Remove(id);
  return status;
}

grpc::ServerUnaryReactor* TextToImageService::Cancel(
    grpc::CallbackServerContext* context, const v1::CancelRequest* request,
    v1::CancelResponse*) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::StatusOr<Caller> caller =
      IdentifyCaller(*context, *parts_.identity);
  absl::Status status = caller.status();
  if (status.ok()) {
    status = active_.Cancel(request->request_id(), caller->name,
                            [reactor] { reactor->Finish(grpc::Status::OK); });
  }
  if (!status.ok()) reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

grpc::ServerUnaryReactor* TextToImageService::ListModels(
    grpc::CallbackServerContext* context, const v1::ListModelsRequest*,
    v1::ListModelsResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::Status known =
      IdentifyCaller(*context, *parts_.identity).status();
  if (!known.ok()) {
    reactor->Finish(ToGrpcStatus(known));
    return reactor;
  }
  for (const StoredModel& model : parts_.models->List()) {
    if (!model.info) continue;
    *response->add_models() = ModelMessage(*model.info, parts_.limits);
  }
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace ella
