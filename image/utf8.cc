#include "image/utf8.h"

#include <utf8proc.h>

#include <cstdint>

namespace ella {
namespace {

// Takes the first character off the text; a negative one where there is none.
int32_t TakeCharacter(std::string_view& text) {
  utf8proc_int32_t character = -1;
  const utf8proc_ssize_t length =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &character);
  if (length < 1) return -1;
  text.remove_prefix(length);
  return character;
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    if (TakeCharacter(text) < 0) return false;
  }
  return true;
}

std::optional<std::string> Utf8ToLatin1(std::string_view text) {
  std::string latin1;
  while (!text.empty()) {
    const int32_t character = TakeCharacter(text);
    if (character < 0 || character > 0xFF) return std::nullopt;
    latin1.push_back(static_cast<char>(character));
  }
  return latin1;
}

std::string Latin1ToUtf8(std::string_view text) {
  std::string utf8;
  for (const char c : text) {
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t length =
        utf8proc_encode_char(static_cast<uint8_t>(c), bytes);
    utf8.append(reinterpret_cast<const char*>(bytes), length);
  }
  return utf8;
}

}  // namespace ella
