# ella_cc_library(NAME name [HDRS ...] [SRCS ...] [DEPS ...] [PRIVATE_DEPS ...]
#                 [TORCH])
# A static library ella_NAME with the alias ella::NAME; header-only without
# SRCS. TORCH gives its own sources torch, and nobody else.
function(ella_cc_library)
  cmake_parse_arguments(ARG "TORCH" "NAME" "HDRS;SRCS;DEPS;PRIVATE_DEPS"
    ${ARGN})
  set(target ella_${ARG_NAME})
  if(ARG_SRCS)
    add_library(${target} STATIC ${ARG_SRCS} ${ARG_HDRS})
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${ARG_DEPS}
      PRIVATE ${ARG_PRIVATE_DEPS})
    _ella_compile_options(${target})
    if(ARG_TORCH)
      _ella_use_torch(${target})
    endif()
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} INTERFACE ${ARG_DEPS})
  endif()
  add_library(ella::${ARG_NAME} ALIAS ${target})
endfunction()

# ella_cc_binary(NAME name [SRCS ...] [DEPS ...] [TORCH])
# A program in build/bin.
function(ella_cc_binary)
  cmake_parse_arguments(ARG "TORCH" "NAME" "SRCS;DEPS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SRCS})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS})
  _ella_compile_options(${ARG_NAME})
  _ella_link_options(${ARG_NAME})
  set_target_properties(${ARG_NAME} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  if(ARG_TORCH)
    _ella_use_torch(${ARG_NAME})
  endif()
endfunction()

# ella_cc_test(NAME name [SRCS ...] [DEPS ...] [LABEL unit|golden|full|gpu]
#              [TORCH] [TIMEOUT seconds])
# A GoogleTest program in build/tests, known to CTest by its NAME and label.
function(ella_cc_test)
  cmake_parse_arguments(ARG "TORCH" "NAME;LABEL;TIMEOUT" "SRCS;DEPS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${ARG_NAME} ${ARG_SRCS})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS} GTest::gmock
    GTest::gtest GTest::gtest_main)
  _ella_compile_options(${ARG_NAME})
  _ella_link_options(${ARG_NAME})
  set_target_properties(${ARG_NAME} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(ARG_TORCH)
    _ella_use_torch(${ARG_NAME})
  endif()
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  # Tests share the cores, and workers that spin would hold each other up.
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS ${ARG_LABEL}
    TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT OMP_WAIT_POLICY=passive)
endfunction()

# ella_proto_library(NAME name ROOT dir PROTOS ... [GRPC])
# C++ made of protos whose paths are relative to ROOT.
function(ella_proto_library)
  cmake_parse_arguments(ARG "GRPC" "NAME;ROOT" "PROTOS;DEPS;IMPORTS" ${ARGN})
  set(out ${PROJECT_BINARY_DIR}/gen/${ARG_NAME})
  file(MAKE_DIRECTORY ${out})
  set(imports)
  foreach(import ${ARG_IMPORTS})
    list(APPEND imports -I ${import})
  endforeach()
  set(generated)
  foreach(proto ${ARG_PROTOS})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(files ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
    set(flags --cpp_out=${out})
    if(ARG_GRPC)
      list(APPEND files ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h)
      list(APPEND flags --grpc_out=${out}
        --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(OUTPUT ${files}
      COMMAND protobuf::protoc -I ${ARG_ROOT} ${imports} ${flags}
        ${ARG_ROOT}/${proto}
      DEPENDS ${ARG_ROOT}/${proto} VERBATIM)
    list(APPEND generated ${files})
  endforeach()
  add_library(ella_${ARG_NAME} STATIC ${generated})
  target_include_directories(ella_${ARG_NAME} SYSTEM PUBLIC ${out})
  target_link_libraries(ella_${ARG_NAME} PUBLIC protobuf::libprotobuf
    ${ARG_DEPS})
  if(ARG_GRPC)
    target_link_libraries(ella_${ARG_NAME} PUBLIC gRPC::grpc++)
  endif()
  add_library(ella::${ARG_NAME} ALIAS ella_${ARG_NAME})
endfunction()

function(_ella_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Werror
    $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
  if(ELLA_SANITIZE)
    # With sanitizers, g++ sees it in the standard library itself.
    target_compile_options(${target} PRIVATE
      $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  endif()
endfunction()

function(_ella_link_options target)
  if(ELLA_SANITIZE MATCHES thread)
    target_link_libraries(${target} PRIVATE ella_tsan)
  endif()
endfunction()

# One precompiled header for all: a file that includes ATen takes ten seconds
# to compile without it.
function(_ella_use_torch target)
  if(NOT TARGET ella_torch_pch)
    file(WRITE ${PROJECT_BINARY_DIR}/gen/torch_pch.cc "")
    add_library(ella_torch_pch STATIC ${PROJECT_BINARY_DIR}/gen/torch_pch.cc)
    target_link_libraries(ella_torch_pch PRIVATE LibTorch::Headers)
    _ella_compile_options(ella_torch_pch)
    target_precompile_headers(ella_torch_pch PRIVATE <ATen/ATen.h>)
  endif()
  target_link_libraries(${target} PRIVATE LibTorch::Cpu)
  target_precompile_headers(${target} REUSE_FROM ella_torch_pch)
endfunction()
