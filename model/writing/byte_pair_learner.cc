#include "model/writing/byte_pair_learner.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace ella {
namespace {

struct Word {
  std::vector<std::string> symbols = {};
  int count = 0;
};

std::vector<Word> CountWords(const std::vector<std::string>& texts) {
  std::map<std::string, int> counts;
  for (const std::string& text : texts) {
    std::string word;
    for (const char c : text + " ") {
      if (std::isalnum(static_cast<unsigned char>(c))) {
        word += c;
      } else if (!word.empty()) {
        ++counts[word];
        word.clear();
      }
    }
  }
  std::vector<Word> words;
  for (const auto& [text, count] : counts) {
    Word word{.count = count};
    for (const char c : text) word.symbols.emplace_back(1, c);
    word.symbols.back() += kMergeWordEnd;
    words.push_back(word);
  }
  return words;
}

void Apply(const Merge& merge, Word* word) {
  std::vector<std::string> merged;
  for (const std::string& symbol : word->symbols) {
    if (symbol == merge.second && !merged.empty() &&
        merged.back() == merge.first) {
      merged.back() += symbol;
    } else {
      merged.push_back(symbol);
    }
  }
  word->symbols = std::move(merged);
}

}  // namespace

std::vector<Merge> LearnMerges(const std::vector<std::string>& texts,
                               int max_merges) {
  std::vector<Word> words = CountWords(texts);
  std::vector<Merge> merges;
  while (static_cast<int>(merges.size()) < max_merges) {
    std::map<Merge, int> pairs;
    for (const Word& word : words) {
      for (size_t i = 1; i < word.symbols.size(); ++i) {
        pairs[{word.symbols[i - 1], word.symbols[i]}] += word.count;
      }
    }
    const auto most = std::max_element(
        pairs.begin(), pairs.end(),
        [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == pairs.end()) break;
    merges.push_back(most->first);
    for (Word& word : words) Apply(merges.back(), &word);
  }
  return merges;
}

}  // namespace ella
