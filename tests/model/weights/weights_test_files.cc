#include "tests/model/weights/weights_test_files.h"

#include "absl/strings/str_cat.h"

namespace ella {

std::string SafetensorsBytes(absl::string_view header, absl::string_view data) {
  std::string bytes;
  for (size_t i = 0; i < 8; ++i) {
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  }
  absl::StrAppend(&bytes, header, data);
  return bytes;
}

std::string Message(const absl::Status& status) {
  return std::string(status.message());
}

std::string SmallTensors(const std::vector<std::string>& names) {
  std::string header = "{";
  std::string data;
  for (const std::string& name : names) {
    absl::StrAppend(&header, header.size() > 1 ? "," : "", "\"", name,
                    "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[",
                    data.size(), ",", data.size() + 1, "]}");
    data += static_cast<char>(data.size());
  }
  return SafetensorsBytes(header + "}", data);
}

}  // namespace ella
