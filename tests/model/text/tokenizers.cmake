set(_tokenizer_files
  ELLA_TOKENIZER_FILES="${PROJECT_SOURCE_DIR}/tests/golden/tokenizers")

ella_cc_test(NAME t5_tokenizer_test
  SRCS t5_tokenizer_test.cc
  DEPS ella::tokenizers ella::weights_test_files)
target_compile_definitions(t5_tokenizer_test PRIVATE ${_tokenizer_files})

ella_cc_test(NAME sentencepiece_model_test
  SRCS sentencepiece_model_test.cc
  DEPS ella::tokenizers)
target_compile_definitions(sentencepiece_model_test PRIVATE
  ${_tokenizer_files})

ella_cc_test(NAME clip_tokenizer_test
  SRCS byte_pair_encoder_test.cc clip_normalizer_test.cc
    clip_pretokenizer_test.cc clip_tokenizer_test.cc
  DEPS ella::tokenizers ella::weights_test_files)
target_compile_definitions(clip_tokenizer_test PRIVATE ${_tokenizer_files})

ella_cc_test(NAME tokenizers_golden_test LABEL golden
  SRCS tokenizers_golden_test.cc
  DEPS ella::golden_sets ella::tokenizers nlohmann_json::nlohmann_json)
target_compile_definitions(tokenizers_golden_test PRIVATE ${_tokenizer_files})
