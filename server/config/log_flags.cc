#include "server/config/log_flags.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace ella {

void AddLogFlags(LogOptions* options, CLI::App* app) {
  app->add_option("--log-format", options->format,
                  "text, or json for programs that gather logs; on stderr, one "
                  "line for each request that ends and for each event")
      ->check(CLI::IsMember(std::vector<std::string>{"text", "json"})
                  .description(""))
      ->type_name("FORMAT");
  app->add_flag("--log-prompts", options->prompts,
                "Put prompts into the log (default: off)");
}

}  // namespace ella
