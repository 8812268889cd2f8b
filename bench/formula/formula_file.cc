#include "bench/formula/formula_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace ella {
namespace {

constexpr int64_t kPiece = 1 << 22;  // elements at once
constexpr int64_t kBytesPerElement = 2;

// The 8-byte length of the header and the header, padded to align the data.
std::string FileStart(const std::vector<FormulaTensor>& tensors) {
  nlohmann::ordered_json header;
  header["__metadata__"] = {{"format", "pt"}};
  int64_t begin = 0;
  for (const FormulaTensor& tensor : tensors) {
    const int64_t end = begin + kBytesPerElement * tensor.NumElements();
    header[tensor.name] = {{"dtype", "F16"},
                           {"shape", tensor.shape},
                           {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string json = header.dump();
  json.append(-json.size() % 8, ' ');
  std::string length;
  for (int shift = 0; shift < 64; shift += 8) {
    length += static_cast<char>(json.size() >> shift & 0xFF);
  }
  return length + json;
}

void WriteTensor(const FormulaTensor& tensor, std::ofstream* file) {
  const int64_t size = tensor.NumElements();
  for (int64_t first = 0; first < size; first += kPiece) {
    const int64_t count = std::min(kPiece, size - first);
    const at::Tensor values = at::empty({count}, at::kFloat);
    FillByFormula(tensor, static_cast<uint32_t>(first),
                  absl::MakeSpan(values.mutable_data_ptr<float>(),
                                 static_cast<size_t>(count)));
    const at::Tensor rounded = values.to(at::kHalf);
    file->write(static_cast<const char*>(rounded.const_data_ptr()),
                kBytesPerElement * count);
  }
}

}  // namespace

absl::Status WriteFormulaFile(const std::string& path,
                              const std::vector<FormulaTensor>& tensors) {
  std::ofstream file(path, std::ios::binary);
  file << FileStart(tensors);
  for (const FormulaTensor& tensor : tensors) WriteTensor(tensor, &file);
  file.close();
  if (!file) return absl::InternalError(absl::StrCat("can't write ", path));
  return absl::OkStatus();
}

}  // namespace ella
