#include <fstream>
#include <memory>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/bench/bench_report.h"
#include "client/bench/load_plan.h"
#include "client/bench/load_runner.h"
#include "client/bench/plan_file.h"
#include "client/bench_options.h"
#include "client/connection.h"
#include "client/error_report.h"
#include "client/generate_client.h"
#include "client/interrupt_watcher.h"
#include "client/output_files.h"
#include "client/rpc_status.h"
#include "client/server_access.h"
#include "client/verbs.h"
#include "grpcpp/support/channel_arguments.h"

namespace ella {
namespace {

constexpr double kConnectTimeoutS = 10;
constexpr double kDefaultDurationS = 30;
// HTTP/2's window of a deaf stream, in bytes: it holds a few events and no
// picture, so that not reading is felt by the server.
constexpr int kDeafWindowBytes = 1024;

RunLimits LimitsOf(const BenchOptions& options) {
  std::optional<double> duration_s = options.duration_s;
  if (!duration_s && !options.requests && !options.replay) {
    duration_s = kDefaultDurationS;
  }
  return RunLimits(options.warmup_s, duration_s, options.requests);
}

int WritePlan(const BenchOptions& options, const Streams& streams) {
  RunLimits limits = LimitsOf(options);
  LoadPlan plan(options.plan);
  std::string lines;
  for (auto planned = plan.Next(); planned && limits.Allow(planned->at_s);
       planned = plan.Next()) {
    limits.Take(planned->at_s);
    lines += PlanLine(*planned);
  }
  const absl::Status status = WriteFile(*options.write_plan, lines);
  if (status.ok()) return kDone;
  PrintError(status, streams.err);
  return kFailed;
}

absl::StatusOr<LoadRunner::Source> SourceOf(const BenchOptions& options) {
  if (!options.replay) {
    return [plan = std::make_shared<LoadPlan>(options.plan)] {
      return plan->Next();
    };
  }
  std::ifstream file(*options.replay);
  if (!file) {
    return absl::InvalidArgumentError(
        absl::StrCat("--replay: cannot open ", *options.replay));
  }
  absl::StatusOr<std::vector<LoadRequest>> plan = ReadPlan(file);
  if (!plan.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--replay: ", *options.replay, ": ", plan.status().message()));
  }
  return [plan = std::make_shared<std::vector<LoadRequest>>(*std::move(plan)),
          next = size_t{0}]() mutable -> std::optional<LoadRequest> {
    if (next == plan->size()) return std::nullopt;
    return (*plan)[next++];
  };
}

// A connection of its own to each server.
std::vector<ServerChannel> ChannelsApart(
    const ServerAccess& server, grpc::ChannelArguments arguments = {}) {
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return MakeChannels(server, std::move(arguments));
}

absl::StatusOr<v1::ListModelsResponse> ListModels(
    const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(DeadlineAfter(kConnectTimeoutS)));
  v1::ListModelsResponse response;
  const absl::Status status =
      FromGrpcStatus(v1::TextToImageService::NewStub(channel)->ListModels(
          &context, {}, &response));
  if (!status.ok()) return status;
  return response;
}

// Of the model that the requests go to; 0 where the server has none such.
float DefaultGuidance(const v1::ListModelsResponse& models,
                      const std::optional<std::string>& name) {
  for (const v1::Model& model : models.models()) {
    if (!name || model.name() == *name) {
      return model.defaults().guidance_scale();
    }
  }
  return 0;
}

v1::GenerateRequest CommonRequest(const BenchOptions& options) {
  v1::GenerateRequest request;
  if (options.model) request.set_model(*options.model);
  if (options.preview_every) {
    v1::PreviewOptions& preview = *request.mutable_preview();
    preview.set_every_steps(*options.preview_every);
    if (options.preview_kind) {
      preview.set_kind(*options.preview_kind == "vae" ? v1::PREVIEW_KIND_VAE
                                                      : v1::PREVIEW_KIND_RGB);
    }
  }
  return request;
}

// All of them stand, so that no request waits for one.
absl::StatusOr<Connections> ConnectAll(const BenchOptions& options) {
  Connections connections;
  for (uint32_t i = 0; i < options.channels; ++i) {
    for (ServerChannel& server : ChannelsApart(options.server)) {
      connections.channels.push_back(std::move(server.channel));
    }
  }
  connections.servers = options.server.addresses.size();
  grpc::ChannelArguments deaf;
  deaf.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kDeafWindowBytes);
  deaf.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  connections.deaf_channel =
      ChannelsApart(options.server, std::move(deaf))[0].channel;

  std::vector<std::shared_ptr<grpc::Channel>> all = connections.channels;
  all.push_back(connections.deaf_channel);
  for (const auto& channel : all) {
    const absl::StatusOr<v1::ListModelsResponse> models = ListModels(channel);
    if (!models.ok()) return models.status();
    connections.default_guidance = DefaultGuidance(*models, options.model);
  }
  return connections;
}

RunnerOptions RunnerOptionsOf(const BenchOptions& options,
                              const Streams& streams) {
  RunnerOptions runner;
  if (!options.plan.rate && !options.replay) {
    runner.concurrency = options.concurrency.value_or(1);
  }
  runner.timeout_s = options.timeout_s;
  runner.retry = options.retry;
  runner.common = CommonRequest(options);
  if (streams.terminal) {
    runner.on_progress = [&err = streams.err](const RunProgress& progress) {
      err << absl::StreamFormat(
          "\r%.0f s: %d begun, %d in flight, %d completed  ", progress.now_s,
          progress.begun, progress.in_flight, progress.completed);
      err.flush();
    };
  }
  return runner;
}

nlohmann::json LoadOf(const BenchOptions& options) {
  nlohmann::json load = {{"warmup_s", options.warmup_s},
                         {"seed", options.plan.seed}};
  if (options.replay) {
    load["replay"] = *options.replay;
  } else if (options.plan.rate) {
    load["rate"] = *options.plan.rate;
  } else {
    load["concurrency"] = options.concurrency.value_or(1);
  }
  return load;
}

int Fail(const BenchOptions& options, const absl::Status& status, ExitCode code,
         const Streams& streams) {
  PrintError(status, streams.err);
  if (options.json) PrintJson({{"error", ErrorToJson(status)}}, streams.out);
  return code;
}

int Run(const BenchOptions& options, const Streams& streams) {
  if (options.write_plan) return WritePlan(options, streams);
  const absl::StatusOr<LoadRunner::Source> source = SourceOf(options);
  if (!source.ok()) return Fail(options, source.status(), kBadUsage, streams);

  LoadRunner runner(RunnerOptionsOf(options, streams));
  // Ahead of gRPC's threads.
  InterruptWatcher watcher([&runner] { runner.Stop(); });
  const absl::StatusOr<Connections> connections = ConnectAll(options);
  if (!connections.ok()) {
    return Fail(options, connections.status(), kFailed, streams);
  }
  const RunResult result = runner.Run(*connections, *source, LimitsOf(options));
  nlohmann::json summary = {{"load", LoadOf(options)}};
  summary.update(Summarize(result, options.good_within_s));
  if (streams.terminal) streams.err << "\n";
  if (options.json) {
    PrintJson(summary, streams.out);
  } else {
    PrintSummary(summary, streams.out);
  }
  return kDone;
}

}  // namespace

Verb AddBenchVerb(CLI::App* ella) {
  CLI::App* app = ella->add_subcommand(
      "bench", "Load the server, and measure how it bears");
  auto options = std::make_shared<BenchOptions>();
  AddBenchOptions(app, options.get());
  return {app,
          [options](const Streams& streams) { return Run(*options, streams); }};
}

}  // namespace ella
