#include "model/weights/json_config.h"

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace ella {
namespace {
constexpr int64_t kMaxSize = 1'000'000;
}

absl::StatusOr<JsonConfig> JsonConfig::Open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("no file ", path));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  nlohmann::json json =
      nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is not a JSON object"));
  }
  return JsonConfig(path, std::move(json));
}

bool JsonConfig::Has(const std::string& key) const {
  const auto found = json_.find(key);
  return found != json_.end() && !found->is_null();
}

int64_t JsonConfig::Size(const std::string& key) {
  if (!Has(key)) {
    Complain(absl::StrCat(key, " is missing"));
    return 1;
  }
  return CheckedSize(key, json_[key]);
}

int64_t JsonConfig::SizeOr(const std::string& key, int64_t otherwise) {
  return Has(key) ? CheckedSize(key, json_[key]) : otherwise;
}

std::vector<int64_t> JsonConfig::Sizes(const std::string& key) {
  std::vector<int64_t> sizes;
  if (!Has(key) || !json_[key].is_array() || json_[key].empty()) {
    Complain(absl::StrCat(key, " is not a list of sizes"));
    return {1};
  }
  for (const nlohmann::json& value : json_[key]) {
    sizes.push_back(CheckedSize(key, value));
  }
  return sizes;
}

double JsonConfig::NumberOr(const std::string& key, double otherwise) {
  if (!Has(key)) return otherwise;
  if (!json_[key].is_number()) {
    Complain(absl::StrCat(key, " is not a number"));
    return otherwise;
  }
  return json_[key].get<double>();
}

bool JsonConfig::BoolOr(const std::string& key, bool otherwise) {
  if (!Has(key)) return otherwise;
  if (!json_[key].is_boolean()) {
    Complain(absl::StrCat(key, " is not true or false"));
    return otherwise;
  }
  return json_[key].get<bool>();
}

void JsonConfig::Supports(const std::string& key, const nlohmann::json& value) {
  if (Has(key)) Requires(key, value);
}

void JsonConfig::Requires(const std::string& key, const nlohmann::json& value) {
  if (!Has(key)) {
    Complain(absl::StrCat(key, " is missing, must be ", value.dump()));
  } else if (json_[key] != value) {
    const auto replace = nlohmann::json::error_handler_t::replace;
    Complain(absl::StrCat(key, " ", json_[key].dump(-1, ' ', false, replace),
                          " is not supported, must be ", value.dump()));
  }
}

void JsonConfig::Complain(const std::string& what) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(absl::StrCat(path_, ": ", what));
}

int64_t JsonConfig::CheckedSize(const std::string& key,
                                const nlohmann::json& value) {
  if (!value.is_number_integer() || value.get<int64_t>() < 1 ||
      value.get<int64_t>() > kMaxSize) {
    Complain(absl::StrCat(key, " is not a whole number from 1 to ", kMaxSize));
    return 1;
  }
  return value.get<int64_t>();
}

}  // namespace ella
