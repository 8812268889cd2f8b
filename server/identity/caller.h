#pragma once

#include <optional>
#include <string>

namespace ella {

// What a caller may ask for.
struct CallerLimits {
  std::optional<int> requests_per_minute;
  std::optional<int> max_images;  // of those that wait or are in work
  std::optional<int> max_priority;
  bool admin = false;  // may load and unload models

  friend bool operator==(const CallerLimits&, const CallerLimits&) = default;
};

// Who makes a call.
struct Caller {
  // Whose share of the device a request takes, and who may cancel it.
  std::string name;
  // By a key or a certificate; else the name is only where the call came from.
  bool is_known = false;
  CallerLimits limits = {};
};

}  // namespace ella
