// Files for the tests of model/weights.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ella {

// A folder of its own for one test, removed at its end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  // Writes a file and returns its path.
  std::string Write(absl::string_view name, absl::string_view bytes) const;

 private:
  std::string path_;
};

// The bytes of a safetensors file, right or wrong: the header's length, the
// header, the data.
std::string SafetensorsBytes(absl::string_view header, absl::string_view data);

// The status's message; gmock prints Abseil's own type as numbers.
std::string Message(const absl::Status& status);

// A file with one-element U8 tensors of these names; tensor i holds i.
std::string SmallTensors(const std::vector<std::string>& names);

}  // namespace ella
