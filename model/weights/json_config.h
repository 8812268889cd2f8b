// A config.json beside a checkpoint, read strictly: each value is checked for
// its type and range, and the first thing wrong is remembered for status().
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ella {

class JsonConfig {
 public:
  // NotFound without the file, InvalidArgument where it is no JSON object.
  static absl::StatusOr<JsonConfig> Open(const std::string& path);

  // Sizes: 1 to a million.
  int64_t Size(const std::string& key);
  int64_t SizeOr(const std::string& key, int64_t otherwise);
  std::vector<int64_t> Sizes(const std::string& key);
  double NumberOr(const std::string& key, double otherwise);
  bool BoolOr(const std::string& key, bool otherwise);

  // Complains unless the key is absent, null, or equal to the one value that is
  // supported.
  void Supports(const std::string& key, const nlohmann::json& value);
  // Complains unless the key is present and equal to the value.
  void Requires(const std::string& key, const nlohmann::json& value);

  // Absent and null are the same to all of the above.
  bool Has(const std::string& key) const;
  const nlohmann::json& json() const { return json_; }

  void Complain(const std::string& what);
  // The first complaint, with the file's name.
  const absl::Status& status() const { return status_; }

 private:
  JsonConfig(std::string path, nlohmann::json json)
      : path_(std::move(path)), json_(std::move(json)) {}

  int64_t CheckedSize(const std::string& key, const nlohmann::json& value);

  std::string path_;
  nlohmann::json json_;
  absl::Status status_;
};

}  // namespace ella
