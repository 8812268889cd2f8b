// STEM.safetensors.index.json: which shard holds which tensor.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace ella {

// Tensor names to file names, in the index's own folder. NotFound where there
// is no such index; InvalidArgument, with its name, where it is not well-formed
// or a file name leads out of the folder. The shards need not exist.
absl::StatusOr<std::map<std::string, std::string>> ReadShardIndex(
    const std::string& path);

}  // namespace ella
