#include "server/rpc/grpc_status.h"

#include <optional>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/rpc/status.pb.h"
#include "server/rpc/event_messages.h"
#include "server/scheduling/retry_delay.h"

namespace ella {
namespace {

constexpr char kBadRequestPayload[] =
    "type.googleapis.com/google.rpc.BadRequest";

}  // namespace

absl::Status BadRequestStatus(const google::rpc::BadRequest& bad_request) {
  absl::Status status = absl::InvalidArgumentError(absl::StrJoin(
      bad_request.field_violations(), "; ",
      [](std::string* out,
         const google::rpc::BadRequest::FieldViolation& violation) {
        absl::StrAppend(out, violation.description());
      }));
  status.SetPayload(kBadRequestPayload,
                    absl::Cord(bad_request.SerializeAsString()));
  return status;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  if (absl::optional<absl::Cord> payload =
          status.GetPayload(kBadRequestPayload)) {
    google::protobuf::Any* any = details.add_details();
    any->set_type_url(kBadRequestPayload);
    any->set_value(std::string(*payload));
  }
  if (std::optional<absl::Duration> delay = GetRetryDelay(status)) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = ToProto(*delay);
    details.add_details()->PackFrom(retry);
  }
  return grpc::Status(
      static_cast<grpc::StatusCode>(status.code()), details.message(),
      details.details().empty() ? "" : details.SerializeAsString());
}

}  // namespace ella
