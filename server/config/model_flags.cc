#include "server/config/model_flags.h"

#include <CLI/CLI.hpp>

namespace ella {

void AddModelStoreFlags(ModelOptions* options, CLI::App* app) {
  app->add_flag("--admin", options->admin,
                "Let models be loaded and unloaded over gRPC, by callers whose "
                "key says admin or, without keys, from this machine (default: "
                "off)");
  app->add_option("--model-budget-mb", options->budget_mb,
                  "Memory that the weights of loaded models may take together; "
                  "the least recently used is unloaded first, and loaded again "
                  "when it is asked for; 0: no limit")
      ->check(CLI::NonNegativeNumber.description(""))
      ->type_name("MIB");
}

}  // namespace ella
