// UTF-8 and Latin-1, the character sets of PNG's text chunks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ella {

bool IsValidUtf8(std::string_view text);

// The text in ISO 8859-1; nothing where it isn't UTF-8, or has a character that
// Latin-1 lacks.
std::optional<std::string> Utf8ToLatin1(std::string_view text);

std::string Latin1ToUtf8(std::string_view text);

}  // namespace ella
