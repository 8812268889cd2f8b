#include <httplib.h>

#include <chrono>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "client/common_options.h"
#include "client/error_report.h"
#include "client/server_access.h"
#include "client/server_access_options.h"
#include "client/verbs.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/client_context.h"

namespace ella {
namespace {

using ::grpc::health::v1::Health;
using ::grpc::health::v1::HealthCheckResponse;

constexpr std::chrono::seconds kTimeout(5);

struct HealthOptions {
  std::string http = "127.0.0.1:8002";
  ServerAccess server;
};

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

bool IsReady(const std::string& http, const Streams& streams) {
  httplib::Client client("http://" + http);
  client.set_connection_timeout(kTimeout);
  client.set_read_timeout(kTimeout);
  IsGood(client, "/healthz", streams);
  return IsGood(client, "/readyz", streams);
}

// By gRPC's health service; prints what it answers.
bool IsServing(const ServerChannel& server, const Streams& streams) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kTimeout);
  HealthCheckResponse response;
  const grpc::Status status =
      Health::NewStub(server.channel)->Check(&context, {}, &response);
  streams.out << server.address << " "
              << (status.ok() ? HealthCheckResponse::ServingStatus_Name(
                                    response.status())
                              : "no answer: " + status.error_message())
              << "\n";
  return status.ok() && response.status() == HealthCheckResponse::SERVING;
}

}  // namespace

Verb AddHealthVerb(CLI::App* ella) {
  CLI::App* app = ella->add_subcommand(
      "health",
      "Whether a server lives and is ready: by HTTP, or with --server by gRPC");
  auto options = std::make_shared<HealthOptions>();
  AddAddressOption(app, "--http", "ELLA_HTTP", "The server's HTTP address",
                   &options->http);
  AddServerOptions(app, &options->server);
  return {app, [app, options](const Streams& streams) {
            const bool grpc = app->count("--server") > 0;
            bool good = true;
            if (!grpc || app->count("--http") > 0) {
              good = IsReady(options->http, streams);
            }
            if (grpc) {
              for (const auto& server : MakeChannels(options->server)) {
                good = IsServing(server, streams) && good;
              }
            }
            streams.out.flush();
            return good ? kDone : kFailed;
          }};
}

}  // namespace ella
