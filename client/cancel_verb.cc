#include <memory>

#include "CLI/CLI.hpp"
#include "client/common_options.h"
#include "client/connection.h"
#include "client/error_report.h"
#include "client/server_access_options.h"
#include "client/verbs.h"

namespace ella {
namespace {

struct CancelOptions {
  ServerAccess server;
  std::string request_id;
  // The server answers once the step that runs is over.
  double timeout_s = 60;
};

int Run(const CancelOptions& options, const Streams& streams) {
  const auto client = Connect(options.server, streams.err);
  const absl::Status status =
      client->Cancel(options.request_id, DeadlineAfter(options.timeout_s));
  if (!status.ok()) {
    PrintError(status, streams.err);
    return kFailed;
  }
  streams.out << "cancelled " << options.request_id << std::endl;
  return kDone;
}

}  // namespace

Verb AddCancelVerb(CLI::App* ella) {
  CLI::App* app =
      ella->add_subcommand("cancel", "End a request, and wait until it has");
  auto options = std::make_shared<CancelOptions>();
  app->add_option("REQUEST_ID", options->request_id,
                  "As given to `ella generate --request-id`")
      ->required();
  AddServerOptions(app, &options->server);
  AddTimeoutOption(app, &options->timeout_s);
  return {app,
          [options](const Streams& streams) { return Run(*options, streams); }};
}

}  // namespace ella
