#include "client/bench/wire_names.h"

namespace ella {
namespace {

struct Named {
  const char* name;
  v1::Conditioning conditioning;
};

constexpr Named kConditionings[] = {
    {"ella", v1::CONDITIONING_ELLA},
    {"ella-fixed", v1::CONDITIONING_ELLA_FIXED},
    {"clip", v1::CONDITIONING_CLIP},
};

}  // namespace

std::optional<v1::Conditioning> ConditioningOfName(const std::string& name) {
  for (const Named& known : kConditionings) {
    if (name == known.name) return known.conditioning;
  }
  return std::nullopt;
}

std::string NameOf(v1::Conditioning conditioning) {
  for (const Named& known : kConditionings) {
    if (conditioning == known.conditioning) return known.name;
  }
  return "";
}

}  // namespace ella
