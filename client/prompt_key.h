#pragma once

#include <string>

#include "ella/v1/text_to_image.pb.h"

namespace ella {

// Metadata of a generating call, by which balancers send equal prompts to the
// server whose caches hold them.
inline constexpr char kPromptKeyHeader[] = "x-prompt-key";

// Its value: 16 hexadecimal digits that hang on the model, the prompt and the
// negative prompt alone. The same on every machine and in every version.
std::string PromptKey(const v1::GenerateRequest& request);

}  // namespace ella
