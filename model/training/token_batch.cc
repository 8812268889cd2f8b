#include "model/training/token_batch.h"

#include <algorithm>

namespace ella {

absl::StatusOr<TokenBatch> TokenizeBatch(
    const T5Tokenizer& tokenizer, const std::vector<std::string>& captions,
    TokenMode mode) {
  std::vector<TokenizedText> texts;
  size_t longest = 0;
  for (const std::string& caption : captions) {
    absl::StatusOr<TokenizedText> text = tokenizer.Encode(caption, mode);
    if (!text.ok()) return text.status();
    // At its own length a text has no mask.
    if (text->mask.empty()) text->mask.assign(text->ids.size(), 1);
    longest = std::max(longest, text->ids.size());
    texts.push_back(*std::move(text));
  }
  std::vector<at::Tensor> ids, masks;
  for (TokenizedText& text : texts) {
    text.ids.resize(longest, T5Tokenizer::kPadId);
    text.mask.resize(longest, 0);
    ids.push_back(at::tensor(text.ids));
    masks.push_back(at::tensor(text.mask));
  }
  return TokenBatch{.ids = at::stack(ids), .mask = at::stack(masks)};
}

at::Tensor TokenizeBatch(const ClipTokenizer& tokenizer,
                         const std::vector<std::string>& captions) {
  std::vector<at::Tensor> ids;
  for (const std::string& caption : captions) {
    ids.push_back(at::tensor(tokenizer.Encode(caption).ids));
  }
  return at::stack(ids);
}

}  // namespace ella
