#pragma once

#include "absl/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/support/status.h"

namespace ella {

// InvalidArgument that names every violation and carries them to the client.
absl::Status BadRequestStatus(const google::rpc::BadRequest& bad_request);

// The one place where errors become gRPC's. A bad request's violations and a
// retry delay travel as google.rpc.Status details, in the trailer
// `grpc-status-details-bin`.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace ella
