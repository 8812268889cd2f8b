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

bool Parse(const std::string& text, float* number) {
  return absl::SimpleAtof(text, number);
}

template <typename Integer>
bool Parse(const std::string& text, Integer* number) {
  return absl::SimpleAtoi(text, number);
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

void AddAddressesOption(CLI::App* app, const std::string& name,
                        const std::string& environment, const std::string& help,
                        std::vector<std::string>* addresses) {
  app->add_option(name, *addresses, help)
      ->type_name("HOST:PORT,...")
      ->envname(environment)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CheckAddress)
      ->capture_default_str();
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

// CLI11 would read 010 as eight.
template <typename Number>
void AddNumberOption(CLI::App* app, const std::string& name,
                     std::optional<Number>* number, const std::string& help) {
  app->add_option_function<std::string>(
         name,
         [name, number](const std::string& text) {
           Number value = 0;
           if (!Parse(text, &value)) {
             throw CLI::ValidationError(
                 name, absl::StrCat("\"", text, "\" is no number that fits"));
           }
           *number = value;
         },
         help)
      ->type_name("N");
}

template void AddNumberOption(CLI::App*, const std::string&,
                              std::optional<int32_t>*, const std::string&);
template void AddNumberOption(CLI::App*, const std::string&,
                              std::optional<uint32_t>*, const std::string&);
template void AddNumberOption(CLI::App*, const std::string&,
                              std::optional<uint64_t>*, const std::string&);
template void AddNumberOption(CLI::App*, const std::string&,
                              std::optional<float>*, const std::string&);

void AddSizeOption(CLI::App* app, std::optional<uint32_t>* width,
                   std::optional<uint32_t>* height) {
  app->add_option_function<std::string>(
         "--size",
         [width, height](const std::string& text) {
           const size_t x = text.find('x');
           uint32_t columns = 0;
           uint32_t rows = 0;
           if (x == std::string::npos || !Parse(text.substr(0, x), &columns) ||
               !Parse(text.substr(x + 1), &rows)) {
             throw CLI::ValidationError(
                 "--size", absl::StrCat("\"", text, "\" is not WxH"));
           }
           *width = columns;
           *height = rows;
         },
         "Width and height in pixels, multiples of 8, such as 512x768")
      ->type_name("WxH");
}

}  // namespace ella
