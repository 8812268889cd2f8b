#pragma once

#include <string>

namespace ella {

struct LogOptions {
  // text or json, one line each.
  std::string format = "text";
  // Whether a request's line holds its prompts.
  bool prompts = false;
  // Lines that may wait for a slow reader of the log; further ones are dropped
  // and counted.
  int max_waiting_lines = 1000;
};

}  // namespace ella
