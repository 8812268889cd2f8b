#include "client/generate_client.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "client/rpc_status.h"

namespace ella {
namespace {

// What gRPC takes at most in one message, unless a server says otherwise.
constexpr size_t kMaxMessageBytes = 4 << 20;

std::string MakeRequestId() {
  absl::BitGen random;
  return absl::StrFormat("ella-%016x", absl::Uniform<uint64_t>(random));
}

}  // namespace

GenerateClient::GenerateClient(const std::shared_ptr<grpc::Channel>& channel,
                               ClientOptions options)
    : stub_(v1::TextToImageService::NewStub(channel)),
      options_(std::move(options)) {
  if (options_.cancellation == nullptr) {
    options_.cancellation = &own_cancellation_;
  }
  if (!options_.sleep) {
    options_.sleep = [this](absl::Duration duration) {
      options_.cancellation->Sleep(duration);
    };
  }
}

absl::Status GenerateClient::Generate(v1::GenerateRequest request,
                                      absl::Time deadline,
                                      const OnEvent& on_event) {
  if (request.request_id().empty()) request.set_request_id(MakeRequestId());
  // The server's gRPC would answer RESOURCE_EXHAUSTED, as if to try again.
  if (request.ByteSizeLong() > kMaxMessageBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the request may have ", kMaxMessageBytes, " bytes, was ",
                     request.ByteSizeLong()));
  }
  return Run(deadline, [&](grpc::ClientContext& context) {
    return TryGenerate(request, on_event, context);
  });
}

GenerateClient::Outcome GenerateClient::TryGenerate(
    const v1::GenerateRequest& request, const OnEvent& on_event,
    grpc::ClientContext& context) {
  bool accepted = false;
  bool has_image = false;
  bool done = false;
  absl::Status caller;
  v1::GenerateResponse response;
  const auto stream = stub_->Generate(&context, request);
  while (stream->Read(&response)) {
    if (!caller.ok()) continue;
    accepted = true;
    has_image = has_image || response.has_image();
    done = response.has_done();
    caller = on_event(response);
    if (!caller.ok()) context.TryCancel();
  }
  absl::Status status = FromGrpcStatus(stream->Finish());
  if (!caller.ok()) return {std::move(caller), true};
  if (status.ok() && !done) {
    return {absl::InternalError("the server ended the stream without `done`"),
            true};
  }
  if (!accepted && absl::IsCancelled(status) &&
      !options_.cancellation->cancelled()) {
    // gRPC's own word for a call that meets a server on its way out.
    status = absl::UnavailableError("the server ended the call");
  }
  const bool failed_at_work =
      accepted && absl::IsResourceExhausted(status) && !RetryDelay(status);
  return {std::move(status), has_image || failed_at_work};
}

absl::Status GenerateClient::Cancel(const std::string& request_id,
                                    absl::Time deadline) {
  v1::CancelRequest request;
  request.set_request_id(request_id);
  return Run(deadline, [&](grpc::ClientContext& context) -> Outcome {
    v1::CancelResponse response;
    return {FromGrpcStatus(stub_->Cancel(&context, request, &response))};
  });
}

absl::StatusOr<v1::ListModelsResponse> GenerateClient::ListModels(
    absl::Time deadline) {
  v1::ListModelsResponse response;
  absl::Status status =
      Run(deadline, [&](grpc::ClientContext& context) -> Outcome {
        return {FromGrpcStatus(stub_->ListModels(&context, {}, &response))};
      });
  if (!status.ok()) return status;
  return response;
}

absl::Status GenerateClient::Run(absl::Time deadline, const Try& one_try) {
  absl::BitGen random;
  RetryPolicy policy(options_.retry,
                     [&random] { return absl::Uniform(random, 0.0, 1.0); });
  while (true) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    Outcome outcome;
    {
      Cancellation::Attachment attachment(options_.cancellation, &context);
      outcome = one_try(context);
    }
    if (outcome.status.ok() || outcome.final) return outcome.status;
    std::optional<absl::Duration> delay =
        policy.NextDelay(outcome.status, deadline - absl::Now());
    if (delay && !options_.cancellation->cancelled()) {
      if (options_.on_retry) options_.on_retry(outcome.status, *delay);
      options_.sleep(*delay);
    }
    if (options_.cancellation->cancelled()) {
      return absl::CancelledError("interrupted");
    }
    if (!delay) return outcome.status;
  }
}

}  // namespace ella
