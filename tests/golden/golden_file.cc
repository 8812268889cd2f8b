#include "tests/golden/golden_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace ella {
namespace {

at::ScalarType ScalarTypeOf(Dtype dtype) {
  switch (dtype) {
    case Dtype::kF64:
      return at::kDouble;
    case Dtype::kF32:
      return at::kFloat;
    case Dtype::kF16:
      return at::kHalf;
    case Dtype::kBF16:
      return at::kBFloat16;
    case Dtype::kI64:
      return at::kLong;
    case Dtype::kI32:
      return at::kInt;
    case Dtype::kI16:
      return at::kShort;
    case Dtype::kI8:
      return at::kChar;
    case Dtype::kU8:
      return at::kByte;
    case Dtype::kBool:
      return at::kBool;
  }
  throw std::runtime_error("unknown dtype");
}

}  // namespace

std::string GoldenPath(const std::string& relative) {
  return std::filesystem::path(ELLA_GOLDEN_DIR) / relative;
}

GoldenFile::GoldenFile(const std::string& path) {
  auto file = SafetensorsFile::Open(GoldenPath(path));
  if (!file.ok()) throw std::runtime_error(file.status().ToString());
  file_ = *std::move(file);
}

bool GoldenFile::Has(const std::string& name) const {
  return file_->tensors().contains(name);
}

std::vector<std::string> GoldenFile::Names() const {
  std::vector<std::string> names;
  for (const auto& entry : file_->tensors()) names.push_back(entry.first);
  return names;
}

at::Tensor GoldenFile::Get(const std::string& name) const {
  const auto found = file_->tensors().find(name);
  if (found == file_->tensors().end()) {
    throw std::runtime_error(file_->path() + " has no tensor " + name);
  }
  const TensorView& view = found->second;
  at::Tensor tensor = at::empty(view.shape, ScalarTypeOf(view.dtype));
  std::copy(view.data.begin(), view.data.end(),
            static_cast<uint8_t*>(tensor.data_ptr()));
  return tensor;
}

void ExpectClose(const at::Tensor& actual, const at::Tensor& expected,
                 double max_abs_over_rms, const std::source_location& where) {
  const testing::ScopedTrace trace(where.file_name(),
                                   static_cast<int>(where.line()), "here");
  ASSERT_EQ(actual.sizes(), expected.sizes());
  ASSERT_GT(expected.numel(), 0);
  const at::Tensor a = actual.to(at::kCPU, at::kDouble);
  const at::Tensor e = expected.to(at::kCPU, at::kDouble);
  ASSERT_TRUE(a.isfinite().all().item<bool>());
  const double rms = e.square().mean().sqrt().item<double>();
  const at::Tensor difference = (a - e).abs().flatten();
  const int64_t worst = difference.argmax().item<int64_t>();
  EXPECT_LE(difference[worst].item<double>(), max_abs_over_rms * rms)
      << "at flat index " << worst << ": " << a.flatten()[worst].item<double>()
      << " instead of " << e.flatten()[worst].item<double>() << ", rms " << rms;
}

}  // namespace ella
