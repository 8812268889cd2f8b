#include <vector>

#include "CLI/CLI.hpp"
#include "client/dpg/score_verb.h"
#include "client/error_report.h"
#include "client/verbs.h"

namespace ella {

Verb AddDpgVerb(CLI::App* ella) {
  CLI::App* app =
      ella->add_subcommand("dpg", "DPG-Bench: how well prompts are followed");
  app->require_subcommand(1);
  return {app, [verbs = std::vector<Verb>{AddDpgGenerateVerb(app),
                                          AddDpgScoreVerb(app)}](
                   const Streams& streams) {
            for (const Verb& verb : verbs) {
              if (verb.app->parsed()) return verb.run(streams);
            }
            return static_cast<int>(kBadUsage);
          }};
}

}  // namespace ella
