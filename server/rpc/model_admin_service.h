#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ella/v1/model_admin.grpc.pb.h"
#include "grpcpp/server_context.h"
#include "model/api/types.h"
#include "server/identity/identity.h"
#include "server/models/model_store.h"

namespace ella {

// Whether a peer, as gRPC spells it, is on this machine.
bool IsLocalPeer(absl::string_view peer);

// ella.v1.ModelAdminService, for callers whose key says admin or, where the
// server asks for no keys, who call from its own machine. gRPC's threads call
// it, and wait for nothing here.
class ModelAdminService final : public v1::ModelAdminService::CallbackService {
 public:
  // `options`: those of every model but its name and place. The pointers
  // outlive the service.
  ModelAdminService(ModelStore* models, const Identity* identity,
                    EngineOptions options);

  grpc::ServerUnaryReactor* LoadModel(grpc::CallbackServerContext* context,
                                      const v1::LoadModelRequest* request,
                                      v1::LoadModelResponse* response) override;
  grpc::ServerUnaryReactor* UnloadModel(
      grpc::CallbackServerContext* context,
      const v1::UnloadModelRequest* request,
      v1::UnloadModelResponse* response) override;
  grpc::ServerUnaryReactor* ListModelStatuses(
      grpc::CallbackServerContext* context,
      const v1::ListModelStatusesRequest* request,
      v1::ListModelStatusesResponse* response) override;

 private:
  absl::Status CheckCaller(const grpc::ServerContextBase& context) const;

  ModelStore* const models_;
  const Identity* const identity_;
  const EngineOptions options_;
};

}  // namespace ella
