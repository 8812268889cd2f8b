#include "client/generate_client.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "client/prompt_key.h"
#include "client/rpc_status.h"

namespace ella {
namespace {

// What a server takes at most in one message, unless it is told otherwise.
constexpr size_t kMaxMessageBytes = 256 << 10;

// A connection that failed is made again only while something waits on it, and
// a call doesn't: it fails at once. Longer than a handshake mostly takes.
constexpr absl::Duration kReconnect = absl::Milliseconds(200);

std::string MakeRequestId() {
  absl::BitGen random;
  return absl::StrFormat("ella-%016x", absl::Uniform<uint64_t>(random));
}

}  // namespace

GenerateClient::GenerateClient(const std::vector<ServerChannel>& servers,
                               ClientOptions options)
    : servers_(servers), options_(std::move(options)) {
  for (const ServerChannel& server : servers_) {
    stubs_.push_back(v1::TextToImageService::NewStub(server.channel));
  }
  options_.retry.servers = servers_.size();
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
  const std::string prompt_key = PromptKey(request);
  RemainingImages images(std::move(request));
  return Run(deadline, [&](Stub& stub, grpc::ClientContext& context) {
    context.AddMetadata(kPromptKeyHeader, prompt_key);
    return TryGenerate(&images, on_event, stub, context);
  });
}

GenerateClient::Outcome GenerateClient::TryGenerate(
    RemainingImages* images, const OnEvent& on_event, Stub& stub,
    grpc::ClientContext& context) {
  bool accepted = false;
  bool done = false;
  absl::Status caller;
  v1::GenerateResponse response;
  const auto stream = stub.Generate(&context, images->NextTry());
  while (stream->Read(&response)) {
    if (!caller.ok()) continue;
    accepted = true;
    done = response.has_done();
    if (!images->Take(&response)) continue;
    caller = on_event(response);
    if (!caller.ok()) context.TryCancel();
  }
  absl::Status status = FromGrpcStatus(stream->Finish());
  if (!caller.ok()) return {std::move(caller), true};
  if (status.ok() && !done) {
    return {absl::InternalError("the server ended the stream without `done`"),
            true};
  }
  // Nothing is missing but how long it took.
  if (absl::IsUnavailable(status) && images->all()) return {};
  if (!accepted && absl::IsCancelled(status) &&
      !options_.cancellation->cancelled()) {
    // gRPC's own word for a call that meets a server on its way out.
    status = absl::UnavailableError("the server ended the call");
  }
  const bool failed_at_work =
      accepted && absl::IsResourceExhausted(status) && !RetryDelay(status);
  return {std::move(status), failed_at_work};
}

absl::Status GenerateClient::Cancel(const std::string& request_id,
                                    absl::Time deadline) {
  v1::CancelRequest request;
  request.set_request_id(request_id);
  const Try cancel = [&](Stub& stub, grpc::ClientContext& context) {
    v1::CancelResponse response;
    return Outcome{FromGrpcStatus(stub.Cancel(&context, request, &response))};
  };
  // It may be with another server than the one that is asked first.
  for (size_t other = 1; other < servers_.size(); ++other) {
    const size_t server = (current_ + other) % servers_.size();
    if (Call(server, deadline, cancel).status.ok()) return absl::OkStatus();
  }
  return Run(deadline, cancel);
}

absl::StatusOr<v1::ListModelsResponse> GenerateClient::ListModels(
    absl::Time deadline) {
  v1::ListModelsResponse response;
  absl::Status status = Run(deadline, [&](Stub& stub,
                                          grpc::ClientContext& context) {
    return Outcome{FromGrpcStatus(stub.ListModels(&context, {}, &response))};
  });
  if (!status.ok()) return status;
  return response;
}

GenerateClient::Outcome GenerateClient::Call(size_t server, absl::Time deadline,
                                             const Try& one_try) {
  grpc::Channel& channel = *servers_[server].channel;
  if (channel.GetState(/*try_to_connect=*/false) ==
      GRPC_CHANNEL_TRANSIENT_FAILURE) {
    channel.WaitForConnected(
        absl::ToChronoTime(std::min(deadline, absl::Now() + kReconnect)));
  }
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  Cancellation::Attachment attachment(options_.cancellation, &context);
  return one_try(*stubs_[server], context);
}

absl::Status GenerateClient::Run(absl::Time deadline, const Try& one_try) {
  absl::BitGen random;
  RetryPolicy policy(options_.retry,
                     [&random] { return absl::Uniform(random, 0.0, 1.0); });
  const size_t first = current_;
  while (true) {
    const std::string& address = servers_[current_].address;
    const Outcome outcome = Call(current_, deadline, one_try);
    if (outcome.status.ok() || outcome.final) return outcome.status;
    std::optional<absl::Duration> delay =
        policy.NextDelay(outcome.status, deadline - absl::Now());
    current_ = (first + policy.server()) % servers_.size();
    if (delay && !options_.cancellation->cancelled()) {
      if (options_.on_retry) {
        options_.on_retry(address, outcome.status, *delay);
      }
      if (*delay > absl::ZeroDuration()) options_.sleep(*delay);
    }
    if (options_.cancellation->cancelled()) {
      return absl::CancelledError("interrupted");
    }
    if (!delay) return outcome.status;
  }
}

}  // namespace ella
