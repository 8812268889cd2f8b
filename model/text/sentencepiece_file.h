// A look at the bytes of a spiece.model before sentencepiece trusts them.
#pragma once

#include <string>
#include <string_view>

namespace ella {

// Checks that a serialized ModelProto is whole, and the parts of it that
// sentencepiece follows without looking: the double array of each
// precompiled_charsmap, where a wrong offset would be read out of bounds.
// Returns what is wrong, or "".
std::string CheckSentencePieceFile(std::string_view bytes);

// The same model for text that is normalized already: its normalizer changes
// nothing, and its self-test, which expects the old one, is gone. The bytes
// have passed CheckSentencePieceFile.
std::string WithoutNormalizer(std::string_view bytes);

}  // namespace ella
