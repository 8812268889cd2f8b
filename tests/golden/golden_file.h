// Reference tensors for tests, and how close is close enough.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "model/weights/safetensors.h"

namespace ella {

// The place of a file or folder of tests/golden, given relative to it.
std::string GoldenPath(const std::string& relative);

// A safetensors file of reference tensors. For tests only: throws, which fails
// the test, where there is no such file or tensor.
class GoldenFile {
 public:
  // A path relative to tests/golden, or an absolute one.
  explicit GoldenFile(const std::string& path);

  bool Has(const std::string& name) const;
  // Sorted.
  std::vector<std::string> Names() const;
  // A copy, on the CPU, in the file's dtype and shape.
  at::Tensor Get(const std::string& name) const;

 private:
  std::unique_ptr<SafetensorsFile> file_;
};

// Expects equal shapes, finite values and |actual - expected| of at most
// max_abs_over_rms times the root mean square of expected, everywhere.
void ExpectClose(
    const at::Tensor& actual, const at::Tensor& expected,
    double max_abs_over_rms,
    const std::source_location& where = std::source_location::current());

}  // namespace ella
