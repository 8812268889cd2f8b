#include "client/model_admin_verbs.h"

#include <functional>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/common_options.h"
#include "client/connection.h"
#include "client/error_report.h"
#include "client/rpc_status.h"
#include "client/server_access_options.h"
#include "ella/v1/model_admin.grpc.pb.h"

namespace ella {
namespace {

using Stub = v1::ModelAdminService::Stub;

struct AdminOptions {
  ServerAccess server;
  double timeout_s = 10;
  std::string name;
  std::string source;
};

// Calls each server in turn, as equal servers shall have equal models. One that
// fails doesn't keep the others from their turn. kFailed where any failed.
int CallEach(
    const AdminOptions& options, const Streams& streams,
    const std::function<grpc::Status(Stub& stub, grpc::ClientContext* context,
                                     const std::string& server)>& call) {
  ExitCode code = kDone;
  for (const ServerChannel& server : MakeChannels(options.server)) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(DeadlineAfter(options.timeout_s)));
    const auto stub = v1::ModelAdminService::NewStub(server.channel);
    const absl::Status status =
        FromGrpcStatus(call(*stub, &context, server.address));
    if (status.ok()) continue;
    PrintError(WithName(server.address, status), streams.err);
    code = kFailed;
  }
  streams.out.flush();
  return code;
}

int Load(const AdminOptions& options, const Streams& streams) {
  v1::LoadModelRequest request;
  request.set_name(options.name);
  request.set_source(options.source);
  return CallEach(
      options, streams,
      [&](Stub& stub, grpc::ClientContext* context, const std::string& server) {
        v1::LoadModelResponse response;
        const grpc::Status status = stub.LoadModel(context, request, &response);
        if (status.ok()) {
          streams.out << server << ": loaded " << options.name << ", "
                      << response.model().fingerprint().substr(0, 12) << ", "
                      << (response.model().weight_bytes() >> 20) << " MiB"
                      << std::endl;
        }
        return status;
      });
}

int Unload(const AdminOptions& options, const Streams& streams) {
  v1::UnloadModelRequest request;
  request.set_name(options.name);
  return CallEach(
      options, streams,
      [&](Stub& stub, grpc::ClientContext* context, const std::string& server) {
        v1::UnloadModelResponse response;
        const grpc::Status status =
            stub.UnloadModel(context, request, &response);
        if (status.ok()) {
          streams.out << server << ": unloaded " << options.name << std::endl;
        }
        return status;
      });
}

const char* StateName(const v1::ModelStatus& model) {
  if (model.loading()) return "loading";
  return model.state() == v1::MODEL_STATE_LOADED ? "loaded" : "unloaded";
}

int Status(const AdminOptions& options, const Streams& streams) {
  return CallEach(
      options, streams,
      [&](Stub& stub, grpc::ClientContext* context, const std::string& server) {
        v1::ListModelStatusesResponse response;
        const grpc::Status status =
            stub.ListModelStatuses(context, {}, &response);
        if (!status.ok()) return status;
        streams.out << server << "\n";
        for (const v1::ModelStatus& model : response.models()) {
          streams.out << absl::StreamFormat(
              "  %-16s %-9s %7d MiB  %-12s  %s\n", model.name(),
              StateName(model), model.weight_bytes() >> 20,
              model.fingerprint().substr(0, 12), model.source());
          if (!model.error().empty()) {
            streams.out << "    last load: " << model.error() << "\n";
          }
        }
        if (response.budget_bytes() > 0) {
          streams.out << "  budget: " << (response.budget_bytes() >> 20)
                      << " MiB\n";
        }
        return status;
      });
}

Verb AddVerb(CLI::App* app, std::shared_ptr<AdminOptions> options,
             int (*run)(const AdminOptions&, const Streams&)) {
  AddServerOptions(app, &options->server);
  AddTimeoutOption(app, &options->timeout_s);
  return {app, [options, run](const Streams& streams) {
            return run(*options, streams);
          }};
}

// NAME=DIR into its parts.
std::string SplitModel(const std::string& text, AdminOptions* options) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
    return absl::StrCat("must be NAME=DIR, was ", text);
  }
  options->name = text.substr(0, equals);
  options->source = text.substr(equals + 1);
  return "";
}

}  // namespace

std::vector<Verb> AddModelAdminVerbs(CLI::App* models) {
  CLI::App* load = models->add_subcommand(
      "load",
      "Load a model, or put it in the place of the one of that name; "
      "the server needs --admin");
  auto load_options = std::make_shared<AdminOptions>();
  load_options->timeout_s = 1800;
  load->add_option_function<std::string>(
          "MODEL",
          [load_options](const std::string& text) {
            const std::string wrong = SplitModel(text, load_options.get());
            if (!wrong.empty()) throw CLI::ValidationError("MODEL", wrong);
          },
          "On the server's disk, as its --model takes it")
      ->type_name("NAME=DIR")
      ->required();

  CLI::App* unload = models->add_subcommand(
      "unload",
      "Refuse requests for a model, and free its memory after its "
      "last one; the server needs --admin");
  auto unload_options = std::make_shared<AdminOptions>();
  unload->add_option("NAME", unload_options->name)->required();

  CLI::App* status = models->add_subcommand(
      "status",
      "Which models are loaded, and what they take; the server needs "
      "--admin");
  return {AddVerb(load, load_options, Load),
          AddVerb(unload, unload_options, Unload),
          AddVerb(status, std::make_shared<AdminOptions>(), Status)};
}

}  // namespace ella
