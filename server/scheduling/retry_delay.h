// How long a refused caller should wait, carried by the refusing status.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace ella {

void SetRetryDelay(absl::Duration delay, absl::Status* status);
std::optional<absl::Duration> GetRetryDelay(const absl::Status& status);

}  // namespace ella
