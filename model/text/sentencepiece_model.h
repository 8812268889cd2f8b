// Sentencepiece behind plain types: its header declares an absl of its own, so
// neither this file nor its source may include Abseil.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace ella {

// Immutable; may be used by many threads.
class SentencePieceModel {
 public:
  // Reads the bytes of a spiece.model. Null, with why in *error, for anything
  // that is not one.
  static std::unique_ptr<SentencePieceModel> Parse(std::string_view bytes,
                                                   std::string* error);
  ~SentencePieceModel();

  // Pieces have the ids 0 to size() - 1.
  int size() const;
  const std::string& piece(int id) const;

  // Appends the text's ids to *ids. False, with why in *error, if it can't.
  // Takes time linear in the text; invalid UTF-8 counts as unknown characters.
  bool Encode(std::string_view text, std::vector<int>* ids,
              std::string* error) const;

 private:
  SentencePieceModel();

  void CollectKnownCharacters();
  std::string ShortenUnknownRuns(std::string_view normalized) const;

  // The model, used to normalize only.
  std::unique_ptr<sentencepiece::SentencePieceProcessor> normalizer_;
  // The same model, but for normalized text.
  std::unique_ptr<sentencepiece::SentencePieceProcessor> encoder_;
  // Code points that some piece holds.
  std::unordered_set<int> known_;
  bool has_byte_pieces_ = false;
};

}  // namespace ella
