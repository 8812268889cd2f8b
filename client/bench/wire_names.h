// The wire's enums by the names that flags and plan files use.
#pragma once

#include <optional>
#include <string>

#include "ella/v1/text_to_image.pb.h"

namespace ella {

// ella, ella-fixed, clip. Nothing for other names.
std::optional<v1::Conditioning> ConditioningOfName(const std::string& name);
std::string NameOf(v1::Conditioning conditioning);

}  // namespace ella
