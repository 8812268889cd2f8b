#include "server/rpc/model_admin_service.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/rpc/error_details.pb.h"
#include "server/rpc/caller_identity.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/quote.h"

namespace ella {
namespace {

constexpr size_t kLongestName = 64;

bool IsModelName(absl::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

absl::Status CheckRequest(const v1::LoadModelRequest& request) {
  google::rpc::BadRequest bad;
  const auto refuse = [&bad](absl::string_view field, absl::string_view what) {
    google::rpc::BadRequest::FieldViolation* violation =
        bad.add_field_violations();
    violation->set_field(std::string(field));
    violation->set_description(absl::StrCat(field, " ", what));
  };
  if (!IsModelName(request.name())) {
    refuse("name", absl::StrCat("must be 1 to ", kLongestName,
                                " letters, digits, -, _ and ., was ",
                                Quote(request.name())));
  }
  if (request.source().empty()) refuse("source", "must name a directory");
  return bad.field_violations().empty() ? absl::OkStatus()
                                        : BadRequestStatus(bad);
}

v1::ModelStatus StatusMessage(const StoredModel& model) {
  v1::ModelStatus message;
  message.set_name(model.options.name);
  message.set_source(model.options.model);
  message.set_state(model.loaded ? v1::MODEL_STATE_LOADED
                                 : v1::MODEL_STATE_UNLOADED);
  message.set_loading(model.loading);
  if (model.info) {
    message.set_fingerprint(model.info->fingerprint);
    message.set_weight_bytes(model.info->weight_bytes);
  }
  message.set_error(model.error);
  return message;
}

}  // namespace

bool IsLocalPeer(absl::string_view peer) {
  // gRPC may escape the brackets.
  for (const char* local :
       {"ipv4:127.", "ipv6:[::1]:", "ipv6:%5B::1%5D:", "unix:"}) {
    if (absl::StartsWith(peer, local)) return true;
  }
  return false;
}

ModelAdminService::ModelAdminService(ModelStore* models,
                                     const Identity* identity,
                                     EngineOptions options)
    : models_(models), identity_(identity), options_(std::move(options)) {}

absl::Status ModelAdminService::CheckCaller(
    const grpc::ServerContextBase& context) const {
  const absl::StatusOr<Caller> caller = IdentifyCaller(context, *identity_);
  if (!caller.ok()) return caller.status();
  if (identity_->api_keys != nullptr) {
    if (caller->limits.admin) return absl::OkStatus();
    return absl::PermissionDeniedError(
        absl::StrCat("the key of ", caller->name, " may not change models"));
  }
  if (IsLocalPeer(context.peer())) return absl::OkStatus();
  return absl::PermissionDeniedError(
      "without keys, models may be changed from the server's own machine only");
}

grpc::ServerUnaryReactor* ModelAdminService::LoadModel(
    grpc::CallbackServerContext* context, const v1::LoadModelRequest* request,
    v1::LoadModelResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::Status status = CheckCaller(*context);
  if (status.ok()) status = CheckRequest(*request);
  if (!status.ok()) {
    reactor->Finish(ToGrpcStatus(status));
    return reactor;
  }
  EngineOptions options = options_;
  options.name = request->name();
  options.model = request->source();
  models_->Load(options, [this, name = options.name, response,
                          reactor](const absl::Status& loaded) {
    for (const StoredModel& model : models_->List()) {
      if (loaded.ok() && model.options.name == name) {
        *response->mutable_model() = StatusMessage(model);
      }
    }
    reactor->Finish(ToGrpcStatus(loaded));
  });
  return reactor;
}

grpc::ServerUnaryReactor* ModelAdminService::UnloadModel(
    grpc::CallbackServerContext* context, const v1::UnloadModelRequest* request,
    v1::UnloadModelResponse*) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::Status status = CheckCaller(*context);
  if (status.ok()) status = models_->Unload(request->name());
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

grpc::ServerUnaryReactor* ModelAdminService::ListModelStatuses(
    grpc::CallbackServerContext* context, const v1::ListModelStatusesRequest*,
    v1::ListModelStatusesResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::Status status = CheckCaller(*context);
  if (status.ok()) {
    for (const StoredModel& model : models_->List()) {
      *response->add_models() = StatusMessage(model);
    }
    response->set_budget_bytes(models_->budget_bytes());
  }
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

}  // namespace ella
