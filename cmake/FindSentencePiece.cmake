# Finds the sentencepiece that scripts/setup builds and makes two targets,
# SentencePiece::Processor and SentencePiece::Trainer. Its header declares an
# absl of its own, so a file that includes it includes no Abseil.

set(_root "${PROJECT_SOURCE_DIR}/.deps/sentencepiece")
find_library(SentencePiece_LIBRARY sentencepiece PATHS "${_root}/lib"
  NO_DEFAULT_PATH)
find_library(SentencePiece_TRAIN_LIBRARY sentencepiece_train
  PATHS "${_root}/lib" NO_DEFAULT_PATH)
find_path(SentencePiece_INCLUDE_DIR sentencepiece_processor.h
  PATHS "${_root}/include" NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SentencePiece REQUIRED_VARS
  SentencePiece_LIBRARY SentencePiece_TRAIN_LIBRARY SentencePiece_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run scripts/setup")

if(SentencePiece_FOUND AND NOT TARGET SentencePiece::Processor)
  add_library(SentencePiece::Processor INTERFACE IMPORTED)
  target_include_directories(SentencePiece::Processor INTERFACE
    "${SentencePiece_INCLUDE_DIR}")
  target_link_libraries(SentencePiece::Processor INTERFACE
    "${SentencePiece_LIBRARY}" protobuf::libprotobuf-lite)
  add_library(SentencePiece::Trainer INTERFACE IMPORTED)
  target_link_libraries(SentencePiece::Trainer INTERFACE
    "${SentencePiece_TRAIN_LIBRARY}" SentencePiece::Processor)
endif()
mark_as_advanced(SentencePiece_LIBRARY SentencePiece_TRAIN_LIBRARY
  SentencePiece_INCLUDE_DIR)
