// The files of CLIP's tokenizer.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/text/byte_pair_encoder.h"

namespace ella {

struct ClipVocabulary {
  Vocabulary ids;
  std::vector<std::pair<std::string, std::string>> merges;  // in their order
  std::string vocabulary_path;                              // for messages
  std::string merges_path;
};

// Reads FOLDER/vocab.json and merges.txt, or if one of them is missing
// tokenizer.json. NotFound where that is missing too; InvalidArgument, with the
// file's name, for anything that is not well-formed.
absl::StatusOr<ClipVocabulary> ReadClipVocabulary(const std::string& folder);

}  // namespace ella
