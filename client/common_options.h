// Flags that several verbs share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ella {

// A flag with an environment twin that takes HOST:PORT; *address holds its
// default. Any other form is bad usage.
void AddAddressOption(CLI::App* app, const std::string& name,
                      const std::string& environment, const std::string& help,
                      std::string* address);

// Takes several, by commas or repetition.
void AddAddressesOption(CLI::App* app, const std::string& name,
                        const std::string& environment, const std::string& help,
                        std::vector<std::string>* addresses);

// --timeout in seconds, above 0; *timeout_s holds its default.
void AddTimeoutOption(CLI::App* app, double* timeout_s);

// A flag that takes a number in decimal; Number is int32_t, uint32_t, uint64_t
// or float.
template <typename Number>
void AddNumberOption(CLI::App* app, const std::string& name,
                     std::optional<Number>* number, const std::string& help);

// --size WxH, in pixels.
void AddSizeOption(CLI::App* app, std::optional<uint32_t>* width,
                   std::optional<uint32_t>* height);

}  // namespace ella
