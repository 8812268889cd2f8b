#include "model/writing/clip_tokenizer_files.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace ella {
namespace {

// UTF-8; code points below 0x800.
std::string Utf8(int code_point) {
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  return {static_cast<char>(0xC0 | code_point >> 6),
          static_cast<char>(0x80 | (code_point & 0x3F))};
}

// GPT-2's printable stand-ins for bytes: a byte that prints stands for itself,
// the others are counted from 256 on. Printable ones come first.
std::vector<std::string> ByteSymbols() {
  std::vector<std::string> symbols;
  std::vector<std::string> others;
  for (int byte = 0; byte < 256; ++byte) {
    const bool prints = (byte >= 0x21 && byte <= 0x7E) ||
                        (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    if (prints) {
      symbols.push_back(Utf8(byte));
    } else {
      others.push_back(Utf8(256 + static_cast<int>(others.size())));
    }
  }
  symbols.insert(symbols.end(), others.begin(), others.end());
  return symbols;
}

}  // namespace

ClipTokenizerFiles MakeClipTokenizerFiles(const std::vector<Merge>& merges) {
  std::vector<std::string> tokens = ByteSymbols();
  for (int i = 0; i < 256; ++i) tokens.push_back(tokens[i] + kMergeWordEnd);
  std::string merges_txt = "#version: 0.2\n";
  for (const auto& [left, right] : merges) {
    tokens.push_back(left + right);
    merges_txt.append(left).append(" ").append(right).append("\n");
  }
  tokens.push_back("<|startoftext|>");
  tokens.push_back("<|endoftext|>");
  nlohmann::ordered_json vocabulary;
  for (const std::string& token : tokens) {
    vocabulary[token] = vocabulary.size();
  }
  return {static_cast<int>(tokens.size()), vocabulary.dump(), merges_txt};
}

}  // namespace ella
