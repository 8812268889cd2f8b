#include "model/api/types.h"

namespace ella {

Text PromptText(const GenerationParams& params) {
  switch (params.conditioning) {
    case Conditioning::kElla:
      return {params.prompt, TokenMode::kT5Flexible};
    case Conditioning::kEllaFixed:
      return {params.prompt, TokenMode::kT5Fixed};
    case Conditioning::kClip:
      break;
  }
  return {params.prompt, TokenMode::kClip};
}

Text NegativeText(const GenerationParams& params) {
  Text text = PromptText(params);
  text.text = params.negative_prompt;
  if (params.fixed_negative && text.mode == TokenMode::kT5Flexible) {
    text.mode = TokenMode::kT5Fixed;
  }
  return text;
}

}  // namespace ella
