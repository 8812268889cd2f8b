ella_cc_library(NAME tokenizers
  HDRS byte_pair_encoder.h clip_normalizer.h clip_pretokenizer.h
    clip_tokenizer.h clip_vocabulary.h sentencepiece_file.h
    sentencepiece_model.h t5_tokenizer.h tokenized_text.h tokenizer_files.h
  SRCS byte_pair_encoder.cc clip_normalizer.cc clip_pretokenizer.cc
    clip_tokenizer.cc clip_vocabulary.cc sentencepiece_file.cc
    sentencepiece_model.cc t5_tokenizer.cc tokenizer_files.cc
  DEPS ella::model_api absl::flat_hash_map absl::statusor
    nlohmann_json::nlohmann_json
  PRIVATE_DEPS ella::weights_files absl::flat_hash_set absl::status
    absl::strings PkgConfig::utf8proc SentencePiece::Processor)
