#include "tests/tools/safetensors_writer.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace ella {

absl::Status WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  if (!file) return absl::InternalError(absl::StrCat("can't write ", path));
  return absl::OkStatus();
}

absl::Status WriteSafetensors(const std::string& path,
                              const std::vector<StoredTensor>& tensors) {
  nlohmann::ordered_json header;
  header["__metadata__"] = {{"format", "pt"}};
  std::string data;
  for (const StoredTensor& tensor : tensors) {
    header[tensor.name] = {
        {"dtype", DtypeName(tensor.dtype)},
        {"shape", tensor.shape},
        {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
    data += tensor.bytes;
  }
  std::string json = header.dump();
  json.append(-json.size() % 8, ' ');  // aligns the data
  std::string file;
  for (size_t i = 0; i < 8; ++i) {
    file += static_cast<char>(json.size() >> (8 * i) & 0xFF);
  }
  return WriteBytes(path, absl::StrCat(file, json, data));
}

}  // namespace ella
