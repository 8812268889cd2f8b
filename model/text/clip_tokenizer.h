// Prompts to CLIP's token ids.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/text/byte_pair_encoder.h"
#include "model/text/tokenized_text.h"

namespace ella {

// CLIP's byte pair encoding, in lower case. The markers <|startoftext|> and
// <|endoftext|> in a text become their ids. Immutable; may be used by many
// threads. Takes n log n time.
class ClipTokenizer {
 public:
  static constexpr int kLength = 77;

  // Reads vocab.json and merges.txt, or if one of them is missing the
  // vocabulary and merges of tokenizer.json. NotFound where that is missing
  // too; InvalidArgument, with the file's name, for anything wrong with them.
  static absl::StatusOr<std::unique_ptr<ClipTokenizer>> Load(
      const std::string& folder);

  // The start mark, at most 75 tokens, and end marks up to 77 ids; no mask.
  TokenizedText Encode(std::string_view text) const;

  // One above the highest id.
  int vocab_size() const { return vocab_size_; }

 private:
  ClipTokenizer(BytePairEncoder encoder, int start_id, int end_id,
                int vocab_size);

  // Appends the ids of text that holds no end marker.
  void EncodeStretch(std::string_view text, std::vector<int64_t>* ids) const;

  const BytePairEncoder encoder_;
  const int start_id_;
  const int end_id_;
  const int vocab_size_;
};

}  // namespace ella
