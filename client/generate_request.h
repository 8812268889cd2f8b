// What `ella generate` and other verbs send.
#pragma once

#include <istream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/generate_options.h"
#include "ella/v1/text_to_image.pb.h"
#include "model/api/types.h"

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

// With every setting given.
v1::GenerateRequest RequestOf(const GenerationParams& params);

// InvalidArgument naming the text that isn't UTF-8. Protobuf would let it pass
// here, for the server to choke on.
absl::Status CheckUtf8(const v1::GenerateRequest& request);

}  // namespace ella
