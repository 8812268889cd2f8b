// A byte-level BPE vocabulary as CLIP's tokenizer reads it.
#pragma once

#include <string>
#include <vector>

#include "model/writing/byte_pair_learner.h"

namespace ella {

// Ids: the 256 bytes, the 256 bytes at a word's end, one per merge, and the
// start and end tokens.
struct ClipTokenizerFiles {
  int size = 0;  // tokens
  std::string vocab_json;
  std::string merges_txt;
};

ClipTokenizerFiles MakeClipTokenizerFiles(const std::vector<Merge>& merges);

}  // namespace ella
