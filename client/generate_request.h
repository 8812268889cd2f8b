// What `ella generate` sends.
#pragma once

#include <istream>
#include <string>

#include "absl/status/statusor.h"
#include "client/generate_options.h"
#include "ella/v1/text_to_image.pb.h"

namespace ella {

struct PlannedRequest {
  v1::GenerateRequest request;
  // Of the weights behind --from's picture; else empty.
  std::string expected_fingerprint;
};

// Reads --prompt-file ("-" is `input`) and --from. InvalidArgument for bad
// usage: no prompt, a file that can't be read or lacks its settings, text that
// isn't UTF-8.
absl::StatusOr<PlannedRequest> PlanRequest(const GenerateOptions& options,
                                           std::istream& input);

}  // namespace ella
