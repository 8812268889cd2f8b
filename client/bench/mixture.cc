#include "client/bench/mixture.h"

#include <cmath>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace ella {
namespace {

bool ParseValue(const std::string& text, uint32_t* value) {
  return absl::SimpleAtoi(text, value);
}

bool ParseValue(const std::string& text, float* value) {
  return absl::SimpleAtof(text, value) && std::isfinite(*value);
}

bool ParseValue(const std::string& text, PictureSize* size) {
  const std::vector<std::string> sides = absl::StrSplit(text, 'x');
  return sides.size() == 2 && ParseValue(sides[0], &size->width) &&
         ParseValue(sides[1], &size->height);
}

bool ParseValue(const std::string& text, std::string* value) {
  *value = text;
  return !text.empty();
}

template <typename Value>
constexpr bool kHasRanges = std::is_arithmetic_v<Value>;

template <typename Value>
bool ParseRange(const std::string& text, Value* low, Value* high) {
  if constexpr (kHasRanges<Value>) {
    // A minus in front is a sign.
    const size_t dash = text.find('-', 1);
    if (dash != std::string::npos) {
      return ParseValue(text.substr(0, dash), low) &&
             ParseValue(text.substr(dash + 1), high) && *low <= *high;
    }
  }
  if (!ParseValue(text, low)) return false;
  *high = *low;
  return true;
}

template <typename Value>
absl::StatusOr<Mixture<Value>> Parse(const std::string& text,
                                     std::string_view form) {
  Mixture<Value> mixture;
  for (const std::string& item :
       std::vector<std::string>(absl::StrSplit(text, ','))) {
    const std::vector<std::string> fields =
        absl::StrSplit(item, absl::MaxSplits(':', 1));
    typename Mixture<Value>::Part part;
    const bool weighted = fields.size() == 2;
    if (!ParseRange(fields[0], &part.low, &part.high) ||
        (weighted && (!absl::SimpleAtod(fields[1], &part.weight) ||
                      !std::isfinite(part.weight) || part.weight <= 0))) {
      return absl::InvalidArgumentError(absl::StrCat("\"", item, "\" is not ",
                                                     std::string(form),
                                                     " or that with :WEIGHT"));
    }
    mixture.parts.push_back(std::move(part));
  }
  return mixture;
}

template <typename Value>
const typename Mixture<Value>::Part& DrawPart(const Mixture<Value>& mixture,
                                              RandomStream& random) {
  double total = 0;
  for (const auto& part : mixture.parts) total += part.weight;
  double left = random.Uniform() * total;
  for (const auto& part : mixture.parts) {
    left -= part.weight;
    if (left < 0) return part;
  }
  return mixture.parts.back();
}

}  // namespace

absl::StatusOr<Mixture<uint32_t>> ParseIntegerMixture(const std::string& text) {
  return Parse<uint32_t>(text, "N, N-N");
}

absl::StatusOr<Mixture<float>> ParseNumberMixture(const std::string& text) {
  return Parse<float>(text, "X, X-X");
}

absl::StatusOr<Mixture<PictureSize>> ParseSizeMixture(const std::string& text) {
  return Parse<PictureSize>(text, "WxH");
}

absl::StatusOr<Mixture<std::string>> ParseNameMixture(const std::string& text) {
  return Parse<std::string>(text, "NAME");
}

uint32_t Draw(const Mixture<uint32_t>& mixture, RandomStream& random) {
  const auto& part = DrawPart(mixture, random);
  const double values = static_cast<double>(part.high) - part.low + 1;
  return part.low + static_cast<uint32_t>(random.Uniform() * values);
}

float Draw(const Mixture<float>& mixture, RandomStream& random) {
  const auto& part = DrawPart(mixture, random);
  return static_cast<float>(part.low +
                            random.Uniform() * (part.high - part.low));
}

PictureSize Draw(const Mixture<PictureSize>& mixture, RandomStream& random) {
  return DrawPart(mixture, random).low;
}

std::string Draw(const Mixture<std::string>& mixture, RandomStream& random) {
  return DrawPart(mixture, random).low;
}

}  // namespace ella
