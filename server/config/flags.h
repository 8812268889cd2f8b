// The command line, the environment and the file of --config.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config/server_options.h"

namespace ella {

// Value of an environment variable, or null.
using Environment = std::function<const char*(const char* name)>;

struct Flags {
  ServerOptions options;
  // What --help or --version has to say; then there is nothing to serve.
  std::string information;
};

// `arguments` are without the program's name. A flag beats the environment,
// which beats the file. InvalidArgument names the bad flag, key or value.
// The options come back validated.
absl::StatusOr<Flags> ParseFlags(const std::vector<std::string>& arguments,
                                 const Environment& environment);

}  // namespace ella
