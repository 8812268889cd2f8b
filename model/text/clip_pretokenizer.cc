#include "model/text/clip_pretokenizer.h"

#include <utf8proc.h>

#include <algorithm>

namespace ella {
namespace {

constexpr std::u32string_view kContractions[] = {U"'s", U"'t",  U"'re", U"'ve",
                                                 U"'m", U"'ll", U"'d"};
// Only the marker in lower case is a token; spelled otherwise it still stands
// apart from the punctuation around it.
constexpr std::u32string_view kEndMarker = U"<|endoftext|>";
constexpr size_t kBracketLength = 2;  // of its <| and |>

enum class Kind { kSpace, kLetter, kNumber, kOther };

Kind KindOf(char32_t character) {
  if (character == U' ') return Kind::kSpace;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return Kind::kLetter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return Kind::kNumber;
    default:
      return Kind::kOther;
  }
}

// The length of the word at the start of text that is not empty, which starts
// with no space.
size_t WordLength(std::u32string_view text) {
  for (const std::u32string_view contraction : kContractions) {
    if (text.starts_with(contraction)) return contraction.size();
  }
  const Kind kind = KindOf(text.front());
  if (kind == Kind::kNumber) return 1;
  const auto end = std::find_if(
      text.begin(), text.end(),
      [kind](char32_t character) { return KindOf(character) != kind; });
  return end - text.begin();
}

std::string Encode(std::u32string_view text) {
  std::string result;
  for (const char32_t character : text) {
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t length =
        utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), bytes);
    result.append(bytes, bytes + length);
  }
  return result;
}

}  // namespace

std::vector<std::string> ClipWords(std::u32string_view normalized) {
  std::vector<std::string> words;
  const auto take = [&words, &normalized](size_t length) {
    words.push_back(Encode(normalized.substr(0, length)));
    normalized.remove_prefix(length);
  };
  while (!normalized.empty()) {
    if (normalized.front() == U' ') {
      normalized.remove_prefix(1);
    } else if (normalized.starts_with(kEndMarker)) {
      take(kBracketLength);
      take(kEndMarker.size() - 2 * kBracketLength);
      take(kBracketLength);
    } else {
      take(WordLength(normalized));
    }
  }
  return words;
}

}  // namespace ella
