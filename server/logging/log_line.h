#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"

namespace ella {

enum class LogSeverity { kInfo, kWarning, kError };

struct LogField {
  std::string name;
  std::variant<bool, int64_t, double, std::string> value;
};

// What one line of the log tells: the message for people, the fields for
// programs.
struct LogLine {
  absl::Time time;
  LogSeverity severity = LogSeverity::kInfo;
  std::string message;
  std::vector<LogField> fields;
};

// TIME SEVERITY MESSAGE NAME=VALUE ..., without the line's end. A value that is
// no plain word stands in quotes. What isn't printable ASCII is escaped as in
// C, so that no text can end the line, begin a field or command a terminal.
std::string FormatAsText(const LogLine& line);

// One JSON object in ASCII: time, severity, message, then the fields.
std::string FormatAsJson(const LogLine& line);

}  // namespace ella
