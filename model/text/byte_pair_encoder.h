// Byte-level byte pair encoding as CLIP uses it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

namespace ella {

// From token to id. Bytes are spelled as printable characters, and the last
// symbol of a word ends in </w>.
using Vocabulary = absl::flat_hash_map<std::string, int32_t>;

// Immutable; may be used by many threads.
class BytePairEncoder {
 public:
  // Merges come first to last. InvalidArgument for a merge whose halves or
  // whose result are not in the vocabulary. Bytes that are missing there get
  // the id `unknown`.
  static absl::StatusOr<BytePairEncoder> Create(
      const Vocabulary& vocabulary,
      const std::vector<std::pair<std::string, std::string>>& merges,
      int32_t unknown);

  // Appends the ids of one word's bytes. Takes n log n time.
  void Encode(std::string_view word, std::vector<int64_t>* ids) const;

 private:
  struct Merge {
    int32_t rank = 0;  // the lowest is done first
    int32_t id = 0;    // of the result
  };

  BytePairEncoder() = default;

  const Merge* Find(int32_t left, int32_t right) const;

  std::array<int32_t, 256> byte_ids_;       // inside a word
  std::array<int32_t, 256> last_byte_ids_;  // at its end
  absl::flat_hash_map<std::pair<int32_t, int32_t>, Merge> merges_;
};

}  // namespace ella
