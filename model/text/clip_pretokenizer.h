// CLIP's split of a normalized text into words, before byte pairs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ella {

// The words in UTF-8, without the spaces: contractions ('s 't 're 've 'm 'll
// 'd), runs of letters, single numbers, and runs of anything else, marks
// included.
std::vector<std::string> ClipWords(std::u32string_view normalized);

}  // namespace ella
