// Prompts to T5's token ids.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/api/types.h"
#include "model/text/tokenized_text.h"

namespace ella {

class SentencePieceModel;

// T5's tokenizer in its legacy behaviour: the literal special tokens </s>,
// <pad>, <unk> and <extra_id_N> in a text become their ids, each stretch
// between them is encoded by sentencepiece on its own, and </s> ends it all.
// Immutable; may be used by many threads. Takes time linear in the text.
class T5Tokenizer {
 public:
  static constexpr int kPadId = 0;
  static constexpr int kEndId = 1;
  static constexpr int kUnknownId = 2;
  static constexpr int kFixedLength = 128;

  // Reads spiece.model, and the number of extra ids from tokenizer_config.json
  // or special_tokens_map.json if they tell; else it is 100. NotFound without
  // spiece.model; InvalidArgument, with the file's name, for anything wrong.
  static absl::StatusOr<std::unique_ptr<T5Tokenizer>> Load(
      const std::string& folder);
  ~T5Tokenizer();

  // kT5Flexible: every token and the end mark. kT5Fixed: 128 ids and a mask;
  // the end mark stays the last token of a text that was cut.
  absl::StatusOr<TokenizedText> Encode(std::string_view text,
                                       TokenMode mode) const;

  // Pieces and extra ids; the ids are below it.
  int vocab_size() const;

 private:
  // A special token in a text.
  struct Special {
    size_t begin = 0;
    size_t length = 0;
    int id = 0;
  };

  T5Tokenizer(std::unique_ptr<SentencePieceModel> model, int extra_ids);

  // The first one; at the text's end, with no length, where there is none.
  Special FindSpecial(std::string_view text) const;

  const std::unique_ptr<SentencePieceModel> model_;
  const int extra_ids_;
};

}  // namespace ella
