#include "server/log.h"

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"

namespace ella {

void Log(absl::string_view line) {
  const std::string text = absl::StrCat("ella-server: ", line, "\n");
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace ella
