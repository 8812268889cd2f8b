#include "client/rpc_status.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace ella {
namespace {

// The payload of this kind, where there is one that can be read.
template <typename Detail>
std::optional<Detail> DetailOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(
      absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name()));
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return detail;
}

// A proxy whose server went away resets the stream, and gRPC calls that an
// internal error. A server of ours says so in other words.
bool IsStreamReset(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::INTERNAL &&
         absl::StartsWith(status.error_message(),
                          "Received RST_STREAM with error code");
}

}  // namespace

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (IsStreamReset(status)) {
    return absl::UnavailableError("the stream was reset on the way");
  }
  // The two share their numbers.
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& detail : details.details()) {
      result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
    }
  }
  return result;
}

std::vector<BadField> BadFields(const absl::Status& status) {
  std::vector<BadField> fields;
  if (const auto bad = DetailOf<google::rpc::BadRequest>(status)) {
    for (const auto& violation : bad->field_violations()) {
      fields.push_back({violation.field(), violation.description()});
    }
  }
  return fields;
}

std::optional<absl::Duration> RetryDelay(const absl::Status& status) {
  const auto info = DetailOf<google::rpc::RetryInfo>(status);
  if (!info || !info->has_retry_delay()) return std::nullopt;
  return std::max(absl::ZeroDuration(),
                  absl::Seconds(info->retry_delay().seconds()) +
                      absl::Nanoseconds(info->retry_delay().nanos()));
}

absl::Status WithName(const std::string& name, const absl::Status& error) {
  absl::Status named(error.code(), absl::StrCat(name, ": ", error.message()));
  error.ForEachPayload([&named](auto type, const absl::Cord& details) {
    named.SetPayload(type, details);
  });
  return named;
}

}  // namespace ella
