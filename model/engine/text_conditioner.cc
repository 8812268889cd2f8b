#include "model/engine/text_conditioner.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "model/engine/torch_status.h"

namespace ella {
namespace {

// [1, T] int64
at::Tensor AsBatch(const std::vector<int64_t>& ids, at::Device device) {
  return at::tensor(ids).unsqueeze(0).to(device);
}

}  // namespace

TextConditioner::TextConditioner(const LoadedModel* model,
                                 const ComputePlan& plan,
                                 int64_t max_cache_bytes)
    : model_(*model), plan_(plan), cache_(max_cache_bytes) {}

absl::StatusOr<TokenizedText> TextConditioner::Tokenize(
    const Text& text) const {
  if (text.mode == TokenMode::kClip) {
    return model_.clip_tokenizer->Encode(text.text);
  }
  return model_.t5_tokenizer->Encode(text.text, text.mode);
}

absl::StatusOr<TokenCount> TextConditioner::CountTokens(
    const Text& text) const {
  const absl::StatusOr<TokenizedText> tokens = Tokenize(text);
  if (!tokens.ok()) return tokens.status();
  return tokens->count;
}

EncodingPtr TextConditioner::Find(const Text& text) {
  const absl::StatusOr<TokenizedText> tokens = Tokenize(text);
  if (!tokens.ok()) return nullptr;
  return cache_.Find(EncodingKey(text.mode, *tokens)).value_or(nullptr);
}

std::vector<absl::StatusOr<EncodingPtr>> TextConditioner::Encode(
    absl::Span<const Text> texts) {
  std::vector<absl::StatusOr<EncodingPtr>> encodings(texts.size());
  std::vector<Missing> missing;
  std::vector<size_t> place(texts.size());  // in `missing`
  for (size_t i = 0; i < texts.size(); ++i) {
    place[i] = texts.size();
    absl::StatusOr<TokenizedText> tokens = Tokenize(texts[i]);
    if (!tokens.ok()) {
      encodings[i] = tokens.status();
      continue;
    }
    EncodingKey key(texts[i].mode, *tokens);
    if (auto found = cache_.Find(key); found.has_value()) {
      encodings[i] = *std::move(found);
      continue;
    }
    const auto equal =
        std::find_if(missing.begin(), missing.end(),
                     [&](const Missing& other) { return other.key == key; });
    place[i] = static_cast<size_t>(equal - missing.begin());
    if (equal == missing.end()) {
      missing.push_back({std::move(key), *std::move(tokens), EncodingPtr()});
    }
  }
  Compute(&missing);
  for (size_t i = 0; i < texts.size(); ++i) {
    if (place[i] < missing.size()) encodings[i] = missing[place[i]].encoding;
  }
  return encodings;
}

void TextConditioner::Compute(std::vector<Missing>* missing) {
  const c10::InferenceMode guard;
  std::vector<Missing*> by_t5;
  for (Missing& text : *missing) {
    if (text.key.mode != TokenMode::kClip) {
      by_t5.push_back(&text);
      continue;
    }
    const absl::Status encoded = CatchTorch([&] {
      Keep(model_.clip->forward(AsBatch(text.tokens.ids, plan_.device)), &text);
      return absl::OkStatus();
    });
    if (!encoded.ok()) text.encoding = encoded;
  }
  if (by_t5.empty()) return;
  const absl::Status encoded = CatchTorch([&] {
    std::vector<T5Input> inputs;
    for (const Missing* text : by_t5) {
      inputs.push_back({AsBatch(text->tokens.ids, plan_.device), {}});
      if (text->key.mode == TokenMode::kT5Fixed) {
        inputs.back().mask = AsBatch(text->tokens.mask, plan_.device);
      }
    }
    const std::vector<at::Tensor> features =
        model_.t5->forward(inputs, plan_.t5_compute);
    for (size_t i = 0; i < by_t5.size(); ++i) {
      Keep(features[i].to(plan_.dtype), by_t5[i]);
    }
    return absl::OkStatus();
  });
  if (encoded.ok()) return;
  for (Missing* text : by_t5) text->encoding = encoded;
}

void TextConditioner::Keep(at::Tensor features, Missing* missing) {
  const auto bytes = static_cast<int64_t>(features.nbytes());
  EncodingPtr encoding = std::make_shared<const EllaEncoding>(
      next_id_++, missing->key.mode, missing->tokens.count,
      std::move(features));
  cache_.Insert(missing->key, encoding, bytes + missing->key.bytes());
  missing->encoding = std::move(encoding);
}

}  // namespace ella
