#include "model/text/sentencepiece_model.h"

#include <sentencepiece_processor.h>
#include <utf8proc.h>

#include <algorithm>
#include <exception>
#include <limits>

#include "model/text/sentencepiece_file.h"

namespace ella {
namespace {

// Sentencepiece joins a run of unknown characters to one id in time quadratic
// in its length. This many in a row are given to it, the rest left out.
constexpr int kMaxUnknownRun = 1000;

// Takes the first character off; -1 for a byte of invalid UTF-8.
int TakeCharacter(std::string_view* text, std::string_view* bytes) {
  utf8proc_int32_t character = -1;
  const utf8proc_ssize_t length =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text->data()),
                       static_cast<utf8proc_ssize_t>(text->size()), &character);
  *bytes = text->substr(0, length > 0 ? length : 1);
  text->remove_prefix(bytes->size());
  return length > 0 ? character : -1;
}

}  // namespace

SentencePieceModel::SentencePieceModel()
    : normalizer_(std::make_unique<sentencepiece::SentencePieceProcessor>()),
      encoder_(std::make_unique<sentencepiece::SentencePieceProcessor>()) {}

SentencePieceModel::~SentencePieceModel() = default;

std::unique_ptr<SentencePieceModel> SentencePieceModel::Parse(
    std::string_view bytes, std::string* error) {
  if (bytes.size() > std::numeric_limits<int>::max()) {
    *error = "is too large";
    return nullptr;
  }
  *error = CheckSentencePieceFile(bytes);
  if (!error->empty()) return nullptr;
  std::unique_ptr<SentencePieceModel> model(new SentencePieceModel());
  try {
    auto status = model->normalizer_->LoadFromSerializedProto(bytes);
    if (status.ok()) {
      status =
          model->encoder_->LoadFromSerializedProto(WithoutNormalizer(bytes));
    }
    if (!status.ok()) {
      *error = std::string("is refused by sentencepiece: ") + status.message();
      return nullptr;
    }
  } catch (const std::exception& e) {
    *error = std::string("is refused by sentencepiece: ") + e.what();
    return nullptr;
  }
  model->CollectKnownCharacters();
  return model;
}

int SentencePieceModel::size() const { return encoder_->GetPieceSize(); }

const std::string& SentencePieceModel::piece(int id) const {
  return encoder_->IdToPiece(id);
}

bool SentencePieceModel::Encode(std::string_view text, std::vector<int>* ids,
                                std::string* error) const {
  std::string normalized;
  std::vector<int> encoded;
  auto status = normalizer_->Normalize(text, &normalized);
  if (status.ok()) {
    status = encoder_->Encode(ShortenUnknownRuns(normalized), &encoded);
  }
  if (!status.ok()) {
    *error = status.message();
    return false;
  }
  ids->insert(ids->end(), encoded.begin(), encoded.end());
  return true;
}

void SentencePieceModel::CollectKnownCharacters() {
  for (int id = 0; id < size(); ++id) {
    has_byte_pieces_ |= encoder_->IsByte(id);
    if (encoder_->IsControl(id) || encoder_->IsUnknown(id)) continue;
    std::string_view rest = piece(id);
    std::string_view bytes;
    while (!rest.empty()) known_.insert(TakeCharacter(&rest, &bytes));
  }
}

std::string SentencePieceModel::ShortenUnknownRuns(
    std::string_view normalized) const {
  // With byte pieces unknown characters aren't joined.
  if (has_byte_pieces_) return std::string(normalized);
  std::string result;
  result.reserve(normalized.size());
  int run = 0;
  std::string_view bytes;
  while (!normalized.empty()) {
    run = known_.contains(TakeCharacter(&normalized, &bytes)) ? 0 : run + 1;
    if (run <= kMaxUnknownRun) result.append(bytes);
  }
  return result;
}

}  // namespace ella
