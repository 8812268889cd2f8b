// What `ella compare` draws.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ella {

struct NamedPrompt {
  std::string name;  // of its picture, without .png
  std::string text;
};

// Nine of our own: shapes of several colours on a plain background, as the demo
// model knows them.
std::vector<NamedPrompt> DefaultPrompts();

// Named 000, 001, ... Empty ones are left out.
std::vector<NamedPrompt> NumberedPrompts(const std::vector<std::string>& texts);

// Of a file, each line, numbered; of a folder, each NAME.txt as a whole.
// InvalidArgument where there is none, or one can't be read, isn't UTF-8, or is
// an empty file of a folder.
absl::StatusOr<std::vector<NamedPrompt>> ReadNamedPrompts(
    const std::string& path);

}  // namespace ella
