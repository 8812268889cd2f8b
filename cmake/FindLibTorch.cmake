# Finds libtorch and makes two imported targets.
#
#   LibTorch::Headers  its include folders, after all others: they ship headers
#                      of an old protobuf
#   LibTorch::Cpu      libtorch_cpu and libc10; CUDA is loaded at run time
#
# Looked for in Torch_DIR and CMAKE_PREFIX_PATH (as variables or in the
# environment), then in .deps/site, where scripts/setup puts the PyPI wheel.
# The wheel's own TorchConfig.cmake wants the whole CUDA toolkit; this doesn't.

set(_hints)
foreach(_dir "${Torch_DIR}" "$ENV{Torch_DIR}")
  if(_dir)
    # Torch_DIR is ROOT/share/cmake/Torch.
    list(APPEND _hints "${_dir}/../../.." "${_dir}")
  endif()
endforeach()

# Not in the system's own folders: Debian's libtorch is too old.
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${_hints}
  PATHS "${PROJECT_SOURCE_DIR}/.deps/site/torch" PATH_SUFFIXES lib lib64
  NO_SYSTEM_ENVIRONMENT_PATH NO_CMAKE_SYSTEM_PATH)
get_filename_component(_lib "${LibTorch_CPU_LIBRARY}" DIRECTORY)
find_library(LibTorch_C10_LIBRARY c10 HINTS "${_lib}" NO_DEFAULT_PATH)
find_path(LibTorch_INCLUDE_DIR ATen/ATen.h HINTS "${_lib}/../include"
  NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch REQUIRED_VARS
  LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR)

if(LibTorch_FOUND AND NOT TARGET LibTorch::Cpu)
  add_library(LibTorch::Headers INTERFACE IMPORTED)
  target_compile_options(LibTorch::Headers INTERFACE
    "SHELL:-idirafter ${LibTorch_INCLUDE_DIR}"
    "SHELL:-idirafter ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
    # Torch's own headers don't compile clean under these.
    -Wno-unused-parameter)
  add_library(LibTorch::Cpu INTERFACE IMPORTED)
  target_link_libraries(LibTorch::Cpu INTERFACE
    LibTorch::Headers "${LibTorch_CPU_LIBRARY}" "${LibTorch_C10_LIBRARY}")
endif()
mark_as_advanced(LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY
  LibTorch_INCLUDE_DIR)
