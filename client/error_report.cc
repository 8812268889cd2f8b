#include "client/error_report.h"

#include <string>

#include "client/rpc_status.h"

namespace ella {

void PrintError(const absl::Status& status, std::ostream& stream) {
  stream << "ella: " << absl::StatusCodeToString(status.code()) << ": "
         << status.message() << "\n";
  for (const BadField& bad : BadFields(status)) {
    stream << "  " << bad.field << ": " << bad.description << "\n";
  }
  stream.flush();
}

nlohmann::json ErrorToJson(const absl::Status& status) {
  nlohmann::json fields = nlohmann::json::array();
  for (const BadField& bad : BadFields(status)) {
    fields.push_back({{"field", bad.field}, {"description", bad.description}});
  }
  return {{"code", absl::StatusCodeToString(status.code())},
          {"message", std::string(status.message())},
          {"fields", fields}};
}

void PrintJson(const nlohmann::json& json, std::ostream& stream) {
  stream << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
         << std::endl;
}

}  // namespace ella
