#include "server/run_server.h"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "server/config/flags.h"
#include "server/http/http_endpoint.h"
#include "server/logging/logger.h"
#include "server/metrics/engine_collector.h"
#include "server/metrics/metrics.h"
#include "server/metrics/metrics_page.h"
#include "server/metrics/process_collector.h"
#include "server/run_on_thread.h"
#include "server/server.h"
#include "server/stop_signals.h"

namespace ella {
namespace {

// An end without delay waits no longer for who reads the log.
constexpr absl::Duration kLongestFlush = absl::Seconds(1);

// What a stop signal means: a drain while serving, a quicker drain the second
// time; before and after, the end at once, as loading can't be interrupted.
class StopRequest {
 public:
  explicit StopRequest(Logger* logger) : logger_(logger) {}

  void OnSignal() {
    absl::MutexLock lock(&mutex_);
    if (server_ == nullptr) {
      logger_->Info("stopped");
      logger_->Flush(kLongestFlush);
      std::_Exit(0);
    }
    if (stopping_) server_->Hurry();
    stopping_ = true;
  }

  void SetServer(Server* server) {
    absl::MutexLock lock(&mutex_);
    server_ = server;
  }

  void Wait() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&stopping_));
  }

 private:
  Logger* const logger_;
  absl::Mutex mutex_;
  Server* server_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

// Each connection is a file.
void AllowAllOpenFiles() {
  rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

absl::StatusOr<std::vector<std::unique_ptr<Engine>>> LoadModels(
    const ServerOptions& options, const EngineFactory& create_engine,
    Logger* logger) {
  const int64_t budget = options.model_store.budget_bytes();
  int64_t bytes = 0;
  std::vector<std::unique_ptr<Engine>> engines;
  for (const EngineOptions& model : options.models) {
    logger->Info(
        absl::StrCat("loading model ", model.name, " from ", model.model));
    absl::StatusOr<std::unique_ptr<Engine>> engine;
    RunOnThread([&] { engine = create_engine(model); });
    if (!engine.ok()) return engine.status();
    const ModelInfo& info = (*engine)->info();
    logger->Info(absl::StrCat("loaded model ", info.name, " on ", info.device,
                              ", ", info.dtype, ", T5 ", info.t5_dtype));
    bytes += info.weight_bytes;
    if (budget > 0 && bytes > budget) {
      if (engines.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("model ", model.name, " takes ", bytes >> 20,
                         " MiB, more than --model-budget-mb ", budget >> 20));
      }
      logger->Info(absl::StrCat("model ", model.name,
                                " and those after it have no room in "
                                "--model-budget-mb: they are loaded when they "
                                "are asked for"));
      break;
    }
    engines.push_back(*std::move(engine));
  }
  return engines;
}

absl::Status Serve(const ServerOptions& options,
                   const EngineFactory& create_engine,
                   prometheus::Registry* registry, Metrics* metrics,
                   Logger* logger) {
  StopRequest stop(logger);
  StopSignals signals([&] { stop.OnSignal(); });
  absl::StatusOr<HostPort> http_address =
      ParseHostPort("--http-listen", options.listen.http);
  if (!http_address.ok()) return http_address.status();
  MetricsPage page;
  const ProcessCollector process;
  const MetricsPage::Part server_part(&page, registry);
  const MetricsPage::Part process_part(&page, &process);
  absl::StatusOr<std::unique_ptr<HttpEndpoint>> http =
      HttpEndpoint::Start(*http_address, [&page] { return page.Text(); });
  if (!http.ok()) return http.status();
  // Before minutes of loading; it may be taken meanwhile all the same.
  if (absl::Status s = Server::CheckListen(options); !s.ok()) return s;
  absl::StatusOr<std::vector<std::unique_ptr<Engine>>> engines =
      LoadModels(options, create_engine, logger);
  if (!engines.ok()) return engines.status();
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(
      options, *std::move(engines), metrics, logger,
      [&http](const absl::Status& why) {
        (*http)->SetFailure(
            absl::StrCat("the device has failed: ", why.message()));
      },
      create_engine);
  if (!server.ok()) return server.status();
  const EngineCollector model_metrics([&] { return (*server)->Engines(); });
  // Gone before the server.
  const MetricsPage::Part models_part(&page, &model_metrics);

  stop.SetServer(server->get());
  (*http)->SetState(HttpEndpoint::State::kServing);
  logger->Info(absl::StrCat("serving grpc=", (*server)->address().ToString(),
                            " http=", (*http)->address().ToString()));
  stop.Wait();
  (*http)->SetState(HttpEndpoint::State::kDraining);
  logger->Info(absl::StrCat("stopping: running requests have ",
                            options.drain_seconds, " s to finish"));
  (*server)->Drain(absl::Seconds(options.drain_seconds));
  stop.SetServer(nullptr);
  logger->Info("stopped");
  if ((*server)->loading()) {
    logger->Flush(kLongestFlush);
    std::_Exit(0);  // a load can't be interrupted
  }
  return absl::OkStatus();
}

}  // namespace

int RunServer(const std::vector<std::string>& arguments,
              const EngineFactory& create_engine) {
  absl::StatusOr<Flags> flags = ParseFlags(arguments, &std::getenv);
  if (!flags.ok()) {
    WriteToStderr(
        absl::StrCat("ella-server: ", flags.status().message(), "\n"));
    return 2;
  }
  if (!flags->information.empty()) {
    std::fputs(flags->information.c_str(), stdout);
    return 0;
  }
  BlockStopSignals();
  AllowAllOpenFiles();
  prometheus::Registry registry;
  Metrics metrics(&registry, ELLA_VERSION);
  Logger logger(flags->options.log, WriteToStderr,
                [&metrics] { metrics.log_lines_dropped_total.Increment(); });
  absl::Status status =
      Serve(flags->options, create_engine, &registry, &metrics, &logger);
  if (!status.ok()) {
    logger.Error(std::string(status.message()));
    return 1;
  }
  return 0;
}

}  // namespace ella
