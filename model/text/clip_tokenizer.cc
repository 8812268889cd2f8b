#include "model/text/clip_tokenizer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/text/clip_normalizer.h"
#include "model/text/clip_pretokenizer.h"
#include "model/text/clip_vocabulary.h"

namespace ella {
namespace {
constexpr char kStart[] = "<|startoftext|>";
constexpr std::u32string_view kNormalizedStart = U"<|startoftext|>";
constexpr char kEnd[] = "<|endoftext|>";
}  // namespace

ClipTokenizer::ClipTokenizer(BytePairEncoder encoder, int start_id, int end_id,
                             int vocab_size)
    : encoder_(std::move(encoder)),
      start_id_(start_id),
      end_id_(end_id),
      vocab_size_(vocab_size) {}

absl::StatusOr<std::unique_ptr<ClipTokenizer>> ClipTokenizer::Load(
    const std::string& folder) {
  const auto vocabulary = ReadClipVocabulary(folder);
  if (!vocabulary.ok()) return vocabulary.status();
  for (const char* marker : {kStart, kEnd}) {
    if (!vocabulary->ids.contains(marker)) {
      return absl::InvalidArgumentError(absl::StrCat(
          vocabulary->vocabulary_path, ": the token ", marker, " is missing"));
    }
  }
  const int end_id = vocabulary->ids.at(kEnd);
  auto encoder =
      BytePairEncoder::Create(vocabulary->ids, vocabulary->merges, end_id);
  if (!encoder.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        vocabulary->merges_path, ": ", encoder.status().message()));
  }
  int highest = 0;
  for (const auto& [token, id] : vocabulary->ids) {
    highest = std::max(highest, id);
  }
  return std::unique_ptr<ClipTokenizer>(new ClipTokenizer(
      *std::move(encoder), vocabulary->ids.at(kStart), end_id, highest + 1));
}

TokenizedText ClipTokenizer::Encode(std::string_view text) const {
  TokenizedText result;
  result.ids.push_back(start_id_);
  // The end marker counts only as it is written; the start marker is looked
  // for in normalized text, so in capitals too.
  for (size_t end = text.find(kEnd); end != text.npos; end = text.find(kEnd)) {
    EncodeStretch(text.substr(0, end), &result.ids);
    result.ids.push_back(end_id_);
    text.remove_prefix(end + std::strlen(kEnd));
  }
  EncodeStretch(text, &result.ids);
  result.count.given = static_cast<int>(result.ids.size()) + 1;
  result.count.used = std::min(result.count.given, kLength);
  result.ids.resize(result.count.used - 1);
  result.ids.resize(kLength, end_id_);
  return result;
}

void ClipTokenizer::EncodeStretch(std::string_view text,
                                  std::vector<int64_t>* ids) const {
  const std::u32string normalized = ClipNormalize(text);
  std::u32string_view rest = normalized;
  while (!rest.empty()) {
    const size_t start = std::min(rest.find(kNormalizedStart), rest.size());
    for (const std::string& word : ClipWords(rest.substr(0, start))) {
      encoder_.Encode(word, ids);
    }
    rest.remove_prefix(start);
    if (rest.empty()) break;
    ids->push_back(start_id_);
    rest.remove_prefix(kNormalizedStart.size());
  }
}

}  // namespace ella
