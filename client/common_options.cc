#include "client/common_options.h"

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace ella {
namespace {

// What is wrong with the address; nothing where it is right.
std::string CheckAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 1 ||
      port > 65535) {
    return absl::StrCat("\"", address, "\" is not HOST:PORT");
  }
  return "";
}

}  // namespace

void AddAddressOption(CLI::App* app, const std::string& name,
                      const std::string& environment, const std::string& help,
                      std::string* address) {
  app->add_option(name, *address, help)
      ->type_name("HOST:PORT")
      ->envname(environment)
      ->check(CheckAddress)
      ->capture_default_str();
}

void AddServerOption(CLI::App* app, std::string* server) {
  *server = "127.0.0.1:8001";
  AddAddressOption(app, "--server", "ELLA_SERVER", "The server's gRPC address",
                   server);
}

void AddTimeoutOption(CLI::App* app, double* timeout_s) {
  app->add_option_function<std::string>(
         "--timeout",
         [timeout_s](const std::string& text) {
           if (!absl::SimpleAtod(text, timeout_s) || !(*timeout_s > 0)) {
             throw CLI::ValidationError(
                 "--timeout",
                 absl::StrCat("\"", text, "\" is no number above 0"));
           }
         },
         "Seconds for the call and all its retries")
      ->type_name("S")
      ->default_str(absl::StrCat(*timeout_s));
}

}  // namespace ella
