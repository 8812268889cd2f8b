#include "client/prompt_key.h"

#include <cstdint>

#include "absl/strings/str_format.h"

namespace ella {

// FNV-1a; absl::Hash differs from process to process.
std::string PromptKey(const v1::GenerateRequest& request) {
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](unsigned char byte) {
    hash = (hash ^ byte) * 0x100000001b3;
  };
  for (const std::string* text :
       {&request.model(), &request.prompt(), &request.negative_prompt()}) {
    for (const char c : *text) add(c);
    add(0xff);  // no byte of UTF-8: texts can't run into each other
  }
  return absl::StrFormat("%016x", hash);
}

}  // namespace ella
