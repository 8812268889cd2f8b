#include "model/text/clip_normalizer.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace ella {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
// Composes with nothing, but utf8proc 2.8 takes it for a final consonant.
constexpr utf8proc_int32_t kJungseongOYae = 0x11A7;

std::u32string Decode(std::string_view text) {
  std::u32string result;
  while (!text.empty()) {
    utf8proc_int32_t character = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()), &character);
    result.push_back(length > 0 ? static_cast<char32_t>(character)
                                : kReplacement);
    text.remove_prefix(length > 0 ? length : 1);
  }
  return result;
}

int CombiningClass(char32_t character) {
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(character))
      ->combining_class;
}

// Not utf8proc_map: it sorts a run of marks in quadratic time.
std::u32string ToNfc(const std::u32string& text) {
  std::vector<utf8proc_int32_t> result;
  result.reserve(text.size());
  for (const char32_t character : text) {
    utf8proc_int32_t parts[16];  // the longest decomposition has 4
    int unused = 0;
    const utf8proc_ssize_t count =
        utf8proc_decompose_char(static_cast<utf8proc_int32_t>(character), parts,
                                std::size(parts), UTF8PROC_DECOMPOSE, &unused);
    result.insert(result.end(), parts,
                  parts + std::max<utf8proc_ssize_t>(count, 0));
  }
  for (auto begin = result.begin(); begin != result.end();) {
    if (CombiningClass(*begin) == 0) {
      ++begin;
      continue;
    }
    const auto end = std::find_if(begin, result.end(), [](auto character) {
      return CombiningClass(character) == 0;
    });
    std::stable_sort(begin, end, [](auto a, auto b) {
      return CombiningClass(a) < CombiningClass(b);
    });
    begin = end;
  }
  std::u32string composed;
  for (auto begin = result.begin(); begin != result.end();) {
    const auto end = std::find(begin + 1, result.end(), kJungseongOYae);
    const utf8proc_ssize_t length = utf8proc_normalize_utf32(
        &*begin, end - begin,
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    composed.append(begin, begin + length);
    begin = end;
  }
  return composed;
}

bool IsSpace(char32_t character) {
  if ((character >= '\t' && character <= '\r') || character == 0x85) {
    return true;
  }
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::u32string ClipNormalize(std::string_view text) {
  std::u32string result;
  for (const char32_t character : ToNfc(Decode(text))) {
    if (IsSpace(character)) {
      if (result.empty() || result.back() != U' ') result.push_back(U' ');
    } else if (character == 0x130) {
      // The only letter whose lower case is two code points.
      result.append(U"i\u0307");
    } else {
      result.push_back(
          utf8proc_tolower(static_cast<utf8proc_int32_t>(character)));
    }
  }
  return result;
}

}  // namespace ella
