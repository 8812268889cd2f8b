// A name for a model's weights that is cheap to find out.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "model/weights/checkpoint.h"

namespace ella {

// SHA-256, 64 hex digits, over the names, dtypes, shapes and first 4 KiB of all
// tensors of all parts, in the order of their names: the same however the
// tensors are spread over files. The keys tell the parts apart ("unet", "vae").
// Reads a page or two of each tensor, so 5 GB of weights take milliseconds; two
// models that differ only further inside their tensors are not told apart.
absl::StatusOr<std::string> Fingerprint(
    const std::map<std::string, const Checkpoint*>& parts);

}  // namespace ella
