// From texts to encodings: tokenizers, encoders and the cache of what they
// made.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/api/engine.h"
#include "model/engine/ella_row.h"
#include "model/engine/loaded_model.h"
#include "model/text/encoding_cache.h"

namespace ella {

// The text half of Engine, with its promises. Encode() is for one thread at a
// time, the others for any.
class TextConditioner {
 public:
  // The model outlives it.
  TextConditioner(const LoadedModel* model, const ComputePlan& plan,
                  int64_t max_cache_bytes);

  absl::StatusOr<TokenCount> CountTokens(const Text& text) const;
  EncodingPtr Find(const Text& text);
  std::vector<absl::StatusOr<EncodingPtr>> Encode(absl::Span<const Text> texts);
  CacheStats cache_stats() const { return cache_.stats(); }

 private:
  // A text that is not in the cache.
  struct Missing {
    EncodingKey key;
    TokenizedText tokens;
    absl::StatusOr<EncodingPtr> encoding;
  };

  absl::StatusOr<TokenizedText> Tokenize(const Text& text) const;
  // All of them by T5 in one pass, and by CLIP one by one.
  void Compute(std::vector<Missing>* missing);
  void Keep(at::Tensor features, Missing* missing);

  const LoadedModel& model_;
  const ComputePlan plan_;
  EncodingCache cache_;
  int64_t next_id_ = 0;  // of an encoding
};

}  // namespace ella
