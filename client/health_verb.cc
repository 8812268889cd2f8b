#include <httplib.h>

#include <chrono>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "client/common_options.h"
#include "client/error_report.h"
#include "client/verbs.h"

namespace ella {
namespace {

constexpr std::chrono::seconds kTimeout(5);

// Prints what the path answers; whether that is 200.
bool IsGood(httplib::Client& client, const std::string& path,
            const Streams& streams) {
  const httplib::Result result = client.Get(path);
  if (!result) {
    streams.out << path << " no answer: " << httplib::to_string(result.error())
                << "\n";
    return false;
  }
  streams.out << path << " " << result->status << " "
              << std::string(absl::StripAsciiWhitespace(result->body)) << "\n";
  return result->status == 200;
}

int Run(const std::string& http, const Streams& streams) {
  httplib::Client client("http://" + http);
  client.set_connection_timeout(kTimeout);
  client.set_read_timeout(kTimeout);
  IsGood(client, "/healthz", streams);
  const bool ready = IsGood(client, "/readyz", streams);
  streams.out.flush();
  return ready ? kDone : kFailed;
}

}  // namespace

Verb AddHealthVerb(CLI::App* ella) {
  CLI::App* app =
      ella->add_subcommand("health", "Whether the server lives and is ready");
  auto http = std::make_shared<std::string>("127.0.0.1:8002");
  AddAddressOption(app, "--http", "ELLA_HTTP", "The server's HTTP address",
                   http.get());
  return {app, [http](const Streams& streams) { return Run(*http, streams); }};
}

}  // namespace ella
