// What a tokenizer makes of one text.
#pragma once

#include <cstdint>
#include <vector>

#include "model/api/types.h"

namespace ella {

struct TokenizedText {
  std::vector<int64_t> ids;
  // 1 for a token, 0 for padding, as long as ids; empty where T5 runs at the
  // text's own length and for CLIP, which attends to its padding.
  std::vector<int64_t> mask;
  TokenCount count;
};

}  // namespace ella
