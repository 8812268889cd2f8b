#include "model/writing/t5_vocabulary.h"

#include <sentencepiece_trainer.h>

#include <string>
#include <unordered_map>
#include <vector>

namespace ella {

std::string TrainT5Vocabulary(const std::vector<std::string>& sentences,
                              int pieces, std::string* model) {
  const std::unordered_map<std::string, std::string> options = {
      {"model_type", "unigram"},
      {"vocab_size", std::to_string(pieces)},
      {"character_coverage", "1.0"},
      {"hard_vocab_limit", "false"},
      {"normalization_rule_name", "nmt_nfkc"},
      {"pad_id", "0"},
      {"eos_id", "1"},
      {"unk_id", "2"},
      {"bos_id", "-1"},
      {"num_threads", "1"},
      {"minloglevel", "2"},
  };
  const auto status =
      sentencepiece::SentencePieceTrainer::Train(options, sentences, model);
  return status.ok() ? "" : status.ToString();
}

}  // namespace ella
