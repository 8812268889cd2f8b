// Byte pair encoding is learnt by merging the most frequent pair, again and
// again (Sennrich et al., arXiv 1508.07909).
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ella {

// What CLIP's vocabulary appends to the last symbol of a word.
inline constexpr char kMergeWordEnd[] = "</w>";

// Each side is a character or an earlier merge.
using Merge = std::pair<std::string, std::string>;

// Merges in the order of their application, at most that many, until each word
// of the texts is one symbol. Texts are printable ASCII in lower case; what
// isn't a letter or a digit parts words. Equal input gives equal merges.
std::vector<Merge> LearnMerges(const std::vector<std::string>& texts,
                               int max_merges);

}  // namespace ella
