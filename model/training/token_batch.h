// Captions as one batch of tokens.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/text/clip_tokenizer.h"
#include "model/text/t5_tokenizer.h"

namespace ella {

struct TokenBatch {
  at::Tensor ids;   // [B, T] int64, padded to the longest
  at::Tensor mask;  // [B, T] int64: 1 for a token, 0 for padding
};

// For T5; captions of several lengths.
absl::StatusOr<TokenBatch> TokenizeBatch(
    const T5Tokenizer& tokenizer, const std::vector<std::string>& captions,
    TokenMode mode);

// [B, 77] int64.
at::Tensor TokenizeBatch(const ClipTokenizer& tokenizer,
                         const std::vector<std::string>& captions);

}  // namespace ella
