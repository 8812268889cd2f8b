// A small SentencePiece model with T5's conventions. No Abseil in here: the
// trainer's header declares another one.
#pragma once

#include <string>

namespace ella {

// Pieces of the model; the 100 <extra_id_N> are not among them.
inline constexpr int kT5Pieces = 384;

// Trains on sentences of its own, and writes spiece.model's bytes; the same
// bytes each time. Returns what went wrong, or nothing.
std::string TrainT5Vocabulary(std::string* model);

}  // namespace ella
