#include "server/identity/api_key_file.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ella {
namespace {

constexpr size_t kLongestName = 64;
constexpr size_t kHexDigits = 64;

bool IsName(absl::string_view text) {
  return text.size() <= kLongestName &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
         });
}

bool IsHash(absl::string_view text) {
  return text.size() == kHexDigits &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isxdigit(c); });
}

absl::Status ParseNumber(absl::string_view name, absl::string_view text,
                         int least, std::optional<int>* number) {
  int value = 0;
  if (!absl::SimpleAtoi(text, &value) || value < least) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " must be a number of at least ", least, ", was ", text));
  }
  *number = value;
  return absl::OkStatus();
}

absl::Status ParseSetting(absl::string_view word, CallerLimits* limits) {
  absl::string_view value = word;
  if (absl::ConsumePrefix(&value, "requests-per-minute=")) {
    return ParseNumber("requests-per-minute", value, 1,
                       &limits->requests_per_minute);
  }
  if (absl::ConsumePrefix(&value, "images=")) {
    return ParseNumber("images", value, 1, &limits->max_images);
  }
  if (absl::ConsumePrefix(&value, "priority=")) {
    return ParseNumber("priority", value, std::numeric_limits<int>::min(),
                       &limits->max_priority);
  }
  if (word == "admin") {
    limits->admin = true;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown setting ", word));
}

absl::StatusOr<ApiKey> ParseLine(absl::string_view line) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (!IsName(words[0])) {
    return absl::InvalidArgumentError(
        absl::StrCat("a name has at most ", kLongestName,
                     " letters, digits, dots, dashes and underscores"));
  }
  if (words.size() < 2 || !IsHash(words[1])) {
    // Without the word: it may be the key itself.
    return absl::InvalidArgumentError(
        absl::StrCat("after the name must come the key's SHA-256 in ",
                     kHexDigits, " hex digits"));
  }
  ApiKey key;
  key.sha256 = absl::HexStringToBytes(words[1]);
  key.caller.name = std::string(words[0]);
  key.caller.is_known = true;
  key.caller.limits.max_priority = 0;
  for (size_t i = 2; i < words.size(); ++i) {
    absl::Status s = ParseSetting(words[i], &key.caller.limits);
    if (!s.ok()) return s;
  }
  return key;
}

}  // namespace

absl::StatusOr<std::vector<ApiKey>> ParseApiKeys(absl::string_view text) {
  std::vector<ApiKey> keys;
  std::map<std::string, CallerLimits> limits;  // by name
  std::set<std::string> hashes;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    absl::StatusOr<ApiKey> key = ParseLine(line);
    absl::Status status = key.status();
    if (status.ok() && !hashes.insert(key->sha256).second) {
      status = absl::InvalidArgumentError("this key is there already");
    }
    if (status.ok()) {
      const Caller& caller = key->caller;
      if (limits.emplace(caller.name, caller.limits).first->second !=
          caller.limits) {
        status = absl::InvalidArgumentError(
            absl::StrCat(caller.name, " has other settings on a line before"));
      }
    }
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, ": ", status.message()));
    }
    keys.push_back(*std::move(key));
  }
  if (keys.empty()) return absl::InvalidArgumentError("there is no key");
  return keys;
}

}  // namespace ella
