#include "server/logging/log_line.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace ella {
namespace {

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

const char* SeverityName(LogSeverity severity) {
  switch (severity) {
    case LogSeverity::kInfo:
      return "INFO";
    case LogSeverity::kWarning:
      return "WARNING";
    case LogSeverity::kError:
      return "ERROR";
  }
  return "";
}

bool IsWord(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isgraph(c) && c != '"' && c != '\\' && c != '=';
  });
}

struct ValueText {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const std::string& value) const {
    return IsWord(value) ? value
                         : absl::StrCat("\"", absl::CHexEscape(value), "\"");
  }
  template <typename Number>
  std::string operator()(Number value) const {
    return absl::StrCat(value);
  }
};

std::string MessageText(const std::string& message) {
  return std::all_of(message.begin(), message.end(), absl::ascii_isprint)
             ? message
             : absl::CHexEscape(message);
}

}  // namespace

std::string FormatAsText(const LogLine& line) {
  std::string text =
      absl::StrCat(TimeText(line.time), " ", SeverityName(line.severity), " ",
                   MessageText(line.message));
  for (const LogField& field : line.fields) {
    absl::StrAppend(&text, " ", field.name, "=",
                    std::visit(ValueText(), field.value));
  }
  return text;
}

std::string FormatAsJson(const LogLine& line) {
  nlohmann::ordered_json json = {{"time", TimeText(line.time)},
                                 {"severity", SeverityName(line.severity)},
                                 {"message", line.message}};
  for (const LogField& field : line.fields) {
    std::visit([&](const auto& value) { json[field.name] = value; },
               field.value);
  }
  // Bytes that aren't UTF-8 are replaced: the default throws.
  return json.dump(/*indent=*/-1, /*indent_char=*/' ', /*ensure_ascii=*/true,
                   nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace ella
