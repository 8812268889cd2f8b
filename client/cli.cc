#include "client/cli.h"

#include "CLI/CLI.hpp"
#include "client/error_report.h"

namespace ella {

int RunElla(int argc, const char* const* argv, const Streams& streams) {
  CLI::App app("Draws images with an ella-server.", "ella");
  app.require_subcommand(1);
  const Verb verbs[] = {AddGenerateVerb(&app), AddModelsVerb(&app),
                        AddCancelVerb(&app),   AddHealthVerb(&app),
                        AddBenchVerb(&app),    AddCompareVerb(&app),
                        AddDpgVerb(&app)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, streams.out, streams.err) == 0 ? kDone : kBadUsage;
  }
  for (const Verb& verb : verbs) {
    if (verb.app->parsed()) return verb.run(streams);
  }
  return kBadUsage;
}

}  // namespace ella
