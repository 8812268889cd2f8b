// A small SentencePiece model with T5's conventions. No Abseil in here: the
// trainer's header declares another one.
#pragma once

#include <string>
#include <vector>

namespace ella {

// Trains on the sentences, and writes spiece.model's bytes; the same bytes each
// time. The 100 <extra_id_N> are not among the pieces, of which there may be
// fewer than asked for, where the sentences don't give more. Returns what went
// wrong, or nothing.
std::string TrainT5Vocabulary(const std::vector<std::string>& sentences,
                              int pieces, std::string* model);

}  // namespace ella
