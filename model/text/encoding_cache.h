// Encodings of texts, found by their tokens.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "model/api/engine.h"
#include "model/runtime/lru_cache.h"
#include "model/text/tokenized_text.h"

namespace ella {

// Texts of equal keys have equal encodings, of one model. The mask follows from
// the ids: padding begins after the last end mark.
struct EncodingKey {
  EncodingKey(TokenMode mode, const TokenizedText& tokens)
      : mode(mode), given(tokens.count.given), ids(tokens.ids) {}

  int64_t bytes() const {
    return static_cast<int64_t>(sizeof(*this) + ids.size() * sizeof(ids[0]));
  }

  friend bool operator==(const EncodingKey&, const EncodingKey&) = default;
  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const EncodingKey& key) {
    return Hash::combine(std::move(hash), key.mode, key.given, key.ids);
  }

  TokenMode mode;
  int given;  // an encoding tells it, and texts that were cut differ in it
  std::vector<int64_t> ids;
};

using EncodingCache = LruCache<EncodingKey, EncodingPtr>;

}  // namespace ella
