// What CLIP makes of a text before it looks for words.
#pragma once

#include <string>
#include <string_view>

namespace ella {

// Code points in NFC, each run of white space one space, then lower case code
// point by code point. Invalid bytes become U+FFFD. Takes n log n time at most.
std::u32string ClipNormalize(std::string_view text);

}  // namespace ella
