#include "model/text/t5_tokenizer.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/text/sentencepiece_model.h"
#include "model/text/tokenizer_files.h"

namespace ella {
namespace {

constexpr int kDefaultExtraIds = 100;
constexpr int kMaxExtraIds = 100'000;
constexpr char kExtraIdPrefix[] = "<extra_id_";

struct SpecialToken {
  const char* text;
  int id;
};
constexpr SpecialToken kSpecialTokens[] = {
    {"<pad>", T5Tokenizer::kPadId},
    {"</s>", T5Tokenizer::kEndId},
    {"<unk>", T5Tokenizer::kUnknownId},
};

// How many <extra_id_N> a list of additional_special_tokens has; its entries
// are strings, or objects with a "content".
int CountExtraIds(const nlohmann::json& tokens) {
  int count = 0;
  for (const nlohmann::json& token : tokens) {
    const nlohmann::json& content =
        token.is_object() && token.contains("content") ? token["content"]
                                                       : token;
    count += content.is_string() &&
             content.get_ref<const std::string&>().starts_with(kExtraIdPrefix);
  }
  return count;
}

absl::StatusOr<int> ReadExtraIds(const std::string& folder) {
  for (const char* name :
       {"tokenizer_config.json", "special_tokens_map.json"}) {
    const std::string path = absl::StrCat(folder, "/", name);
    auto json = ReadJsonObject(path);
    if (absl::IsNotFound(json.status())) continue;
    if (!json.ok()) return json.status();
    if (const auto ids = json->find("extra_ids"); ids != json->end()) {
      if (!ids->is_number_unsigned() ||
          ids->get<uint64_t>() > uint64_t{kMaxExtraIds}) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ": extra_ids must be 0 to ", kMaxExtraIds,
                         ", was ", JsonText(*ids)));
      }
      return ids->get<int>();
    }
    const int count = CountExtraIds(
        json->value("additional_special_tokens", nlohmann::json::array()));
    if (count > 0) return count;
  }
  return kDefaultExtraIds;
}

}  // namespace

T5Tokenizer::T5Tokenizer(std::unique_ptr<SentencePieceModel> model,
                         int extra_ids)
    : model_(std::move(model)), extra_ids_(extra_ids) {}

T5Tokenizer::~T5Tokenizer() = default;

absl::StatusOr<std::unique_ptr<T5Tokenizer>> T5Tokenizer::Load(
    const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/spiece.model");
  const auto file = ReadTokenizerFile(path);
  if (!file.ok()) return file.status();
  std::string error;
  auto model = SentencePieceModel::Parse(*file, &error);
  if (model == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(path, " ", error));
  }
  for (const SpecialToken& token : kSpecialTokens) {
    if (token.id >= model->size() || model->piece(token.id) != token.text) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": piece ", token.id, " must be ", token.text));
    }
  }
  const auto extra_ids = ReadExtraIds(folder);
  if (!extra_ids.ok()) return extra_ids.status();
  return std::unique_ptr<T5Tokenizer>(
      new T5Tokenizer(std::move(model), *extra_ids));
}

int T5Tokenizer::vocab_size() const { return model_->size() + extra_ids_; }

absl::StatusOr<TokenizedText> T5Tokenizer::Encode(std::string_view text,
                                                  TokenMode mode) const {
  if (mode == TokenMode::kClip) {
    return absl::InternalError("T5's tokenizer was asked for CLIP's tokens");
  }
  std::vector<int> tokens;
  while (!text.empty()) {
    const Special special = FindSpecial(text);
    std::string error;
    if (!model_->Encode(text.substr(0, special.begin), &tokens, &error)) {
      return absl::InternalError(absl::StrCat("sentencepiece: ", error));
    }
    if (special.length > 0) tokens.push_back(special.id);
    text.remove_prefix(special.begin + special.length);
  }
  TokenizedText result;
  result.count.given = static_cast<int>(tokens.size()) + 1;
  result.count.used = result.count.given;
  if (mode == TokenMode::kT5Fixed) {
    result.count.used = std::min(result.count.given, kFixedLength);
  }
  result.ids.assign(tokens.begin(), tokens.begin() + result.count.used - 1);
  result.ids.push_back(kEndId);
  if (mode == TokenMode::kT5Fixed) {
    result.mask.assign(result.ids.size(), 1);
    result.mask.resize(kFixedLength, 0);
    result.ids.resize(kFixedLength, kPadId);
  }
  return result;
}

T5Tokenizer::Special T5Tokenizer::FindSpecial(std::string_view text) const {
  for (size_t begin = text.find('<'); begin != text.npos;
       begin = text.find('<', begin + 1)) {
    const std::string_view rest = text.substr(begin);
    for (const SpecialToken& token : kSpecialTokens) {
      if (rest.starts_with(token.text)) {
        return {begin, std::strlen(token.text), token.id};
      }
    }
    if (!rest.starts_with(kExtraIdPrefix)) continue;
    const char* digits = rest.data() + std::strlen(kExtraIdPrefix);
    const char* end = rest.data() + rest.size();
    unsigned number = 0;
    const auto [last, error] = std::from_chars(digits, end, number);
    // Without leading zeros: <extra_id_01> is no token.
    if (error == std::errc() && last != end && *last == '>' &&
        number < static_cast<unsigned>(extra_ids_) &&
        std::to_string(number).size() == static_cast<size_t>(last - digits)) {
      return {begin, static_cast<size_t>(last + 1 - rest.data()),
              vocab_size() - 1 - static_cast<int>(number)};
    }
  }
  return {text.size(), 0, 0};
}

}  // namespace ella
