// gRPC's statuses as Abseil's, with their google.rpc details as payloads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"

namespace ella {

// The details that can't be read are left out.
absl::Status FromGrpcStatus(const grpc::Status& status);

struct BadField {
  std::string field;
  std::string description;
};

// Of google.rpc.BadRequest; empty where the server named none.
std::vector<BadField> BadFields(const absl::Status& status);

// Of google.rpc.RetryInfo: how long the server asks to wait; at least 0.
std::optional<absl::Duration> RetryDelay(const absl::Status& status);

// The error with "name: " ahead of its message, and its details.
absl::Status WithName(const std::string& name, const absl::Status& error);

}  // namespace ella
