#include "model/writing/safetensors_writer.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace ella {

absl::Status WriteBytes(const std::string& path, const std::string& bytes) {
  const std::string temporary = path + ".tmp";
  std::ofstream file(temporary, std::ios::binary);
  file << bytes;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (!file || error) {
    std::filesystem::remove(temporary, error);
    return absl::InternalError(absl::StrCat("can't write ", path));
  }
  return absl::OkStatus();
}

absl::Status WriteSafetensors(
    const std::string& path, const std::vector<StoredTensor>& tensors,
    const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header;
  header["__metadata__"] = {{"format", "pt"}};
  for (const auto& [key, value] : metadata) {
    header["__metadata__"][key] = value;
  }
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
