#pragma once

#include <stdexcept>
#include <utility>

#include "absl/status/statusor.h"

namespace ella {

// For tests only: throws where the status isn't OK, which fails the test.
template <typename T>
T ValueOrThrow(absl::StatusOr<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *std::move(result);
}

}  // namespace ella
