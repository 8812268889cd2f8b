#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "ella/v1/text_to_image.pb.h"
#include "model/api/engine.h"
#include "server/config/server_options.h"
#include "server/scheduling/task.h"

namespace ella {

// What a request asks for, defaults filled in.
struct ValidRequest {
  GenerationParams params;
  PreviewSettings preview;
};

// Checks every field of a request for the engine's model. InvalidArgument names
// all bad fields at once. drawn_seed is used where the request has none. Counts
// the tokens of long prompts, so it may take milliseconds. Thread-safe.
absl::StatusOr<ValidRequest> ValidateRequest(const v1::GenerateRequest& request,
                                             const Engine& engine,
                                             const RequestLimits& limits,
                                             uint32_t drawn_seed);

}  // namespace ella
