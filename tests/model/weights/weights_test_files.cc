#include "tests/model/weights/weights_test_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace ella {

TempFolder::TempFolder() : path_(testing::TempDir() + "ella_weights_XXXXXX") {
  EXPECT_NE(mkdtemp(path_.data()), nullptr) << path_;
}

TempFolder::~TempFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::string TempFolder::Write(absl::string_view name,
                              absl::string_view bytes) const {
  std::string path = absl::StrCat(path_, "/", name);
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

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
