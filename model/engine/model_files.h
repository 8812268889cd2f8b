// Where the parts of a model lie on disk.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace ella {

struct ModelFiles {
  std::string sd15;  // a folder in diffusers layout
  std::string t5;    // a folder as transformers saves it
  std::string ella;  // a safetensors file

  // The connector's config.json, which need not exist.
  std::string EllaConfig() const;
};

// `model` is DIR, which holds sd15/, flan-t5/ and ella/*.safetensors, or
// sd15:DIR,t5:DIR,ella:FILE. NotFound or InvalidArgument says what was expected
// where, and how to convert what has another format.
absl::StatusOr<ModelFiles> FindModelFiles(const std::string& model);

}  // namespace ella
