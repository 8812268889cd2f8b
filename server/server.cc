#include "server/server.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "server/rpc/connection_limits.h"
#include "server/rpc/tls_credentials.h"
#include "server/run_on_thread.h"
#include "server/scheduling/warm_up.h"

namespace ella {
namespace {

// What the last messages get to reach their clients, out of the drain's limit.
constexpr absl::Duration kLeastLastWords = absl::Seconds(1);
constexpr absl::Duration kMostLastWords = absl::Seconds(5);

// On a CPU the encoders would only take the cores from the denoising.
bool NeedsTextThread(const std::vector<std::unique_ptr<Engine>>& engines) {
  return std::any_of(engines.begin(), engines.end(), [](const auto& engine) {
    return engine->info().device != "cpu";
  });
}

}  // namespace

Server::Server(const ServerOptions& options, bool has_text_thread,
               Metrics* metrics, Logger* logger, OnDeviceLost on_device_lost,
               EngineFactory create_engine)
    : logger_(logger),
      has_text_thread_(has_text_thread),
      costs_(options.batch.max_batch_rows),
      models_(options.model_store,
              {.loader =
                   [this, options, create_engine = std::move(create_engine)](
                       const EngineOptions& model) {
                     absl::StatusOr<std::unique_ptr<Engine>> engine;
                     RunOnThread([&] {
                       engine = create_engine(model);
                       if (!engine.ok()) return;
                       const absl::Status ready =
                           MakeReady(options, engine->get());
                       if (!ready.ok()) engine = ready;
                     });
                     return engine;
                   },
               .on_change = [this](const std::string& name,
                                   bool known) { ReportModel(name, known); },
               .clock = &clock_,
               .costs = &costs_,
               .metrics = metrics,
               .logger = logger}),
      queue_(options.queue, &clock_, &costs_, &ledger_),
      text_stage_(&queue_, &clock_, metrics),
      scheduler_(options.batch,
                 {.queue = &queue_,
                  .costs = &costs_,
                  .ledger = &ledger_,
                  .clock = &clock_,
                  .metrics = metrics,
                  .text_stage = has_text_thread ? nullptr : &text_stage_,
                  .on_device_lost =
                      [this, on_device_lost = std::move(on_device_lost)](
                          const absl::Status& why) {
                        StopServing();
                        logger_->Error(absl::StrCat("the device has failed: ",
                                                    why.message()));
                        if (on_device_lost) on_device_lost(why);
                      }}),
      service_({.models = &models_,
                .queue = &queue_,
                .pool = &pool_,
                .delivery = &delivery_,
                .metrics = metrics,
                .identity = &identity_,
                .logger = logger,
                .log_prompts = options.log.prompts,
                .limits = options.limits,
                .max_unsent_bytes = options.output.max_unsent_bytes,
                .stall_time = absl::Seconds(options.connection.stall_seconds),
                .version = ELLA_VERSION}),
      admin_service_(&models_, &identity_, options.models[0]),
      delivery_(/*threads=*/1),
      pool_(options.output) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServerOptions& options, std::vector<std::unique_ptr<Engine>> engines,
    Metrics* metrics, Logger* logger, OnDeviceLost on_device_lost,
    EngineFactory create_engine) {
  std::unique_ptr<Server> server(
      new Server(options, NeedsTextThread(engines), metrics, logger,
                 std::move(on_device_lost), std::move(create_engine)));
  absl::StatusOr<Identity> identity = LoadIdentity(
      options.identity, &server->clock_, [logger](absl::string_view message) {
        logger->Warning(std::string(message));
      });
  if (!identity.ok()) return identity.status();
  server->identity_ = *std::move(identity);
  engines.resize(options.models.size());
  for (size_t i = 0; i < engines.size(); ++i) {
    absl::Status ready;
    if (engines[i] != nullptr) {
      RunOnThread(
          [&] { ready = server->MakeReady(options, engines[i].get()); });
    }
    if (!ready.ok()) return ready;
    server->models_.Add(options.models[i], std::move(engines[i]));
  }
  absl::StatusOr<HostPort> address =
      ParseHostPort("--listen", options.listen.grpc);
  if (!address.ok()) return address.status();
  server->address_ = *std::move(address);
  absl::StatusOr<std::unique_ptr<Listener>> listener =
      Listener::Bind(server->address_, options.connection.max_connections);
  if (!listener.ok()) return listener.status();
  server->address_ = (*listener)->address();
  grpc::ServerBuilder builder;
  ApplyConnectionOptions(options.connection, &builder);
  builder.RegisterService(&server->service_);
  if (options.model_store.admin) {
    builder.RegisterService(&server->admin_service_);
  }
  (*listener)->AddTo(&builder,
                     server->identity_.tls != nullptr
                         ? MakeTlsCredentials(server->identity_.tls.get())
                         : grpc::InsecureServerCredentials());
  grpc::EnableDefaultHealthCheckService(true);  // of all that are built
  server->grpc_server_ = builder.BuildAndStart();
  if (server->grpc_server_ == nullptr) {
    return absl::InternalError("gRPC can't start; its log says why");
  }
  server->ReportServing();
  server->listener_ = *std::move(listener);
  server->listener_->Start([logger](const std::string& peer) {
    logger->Warning("a connection that floods the server with calls is ended",
                    {{"peer", peer}});
  });
  if (server->has_text_thread_) {
    server->text_thread_ =
        std::thread([server = server.get()] { server->text_stage_.Run(); });
  }
  server->scheduler_thread_ = std::thread([server = server.get()] {
    server->scheduler_.Run();
    absl::MutexLock lock(&server->mutex_);
    server->scheduler_done_ = true;
  });
  return server;
}

void Server::ReportServing() {
  grpc_server_->GetHealthCheckService()->SetServingStatus(
      v1::TextToImageService::service_full_name(), true);
  for (const StoredModel& model : models_.List()) {
    ReportModel(model.options.name, /*known=*/true);
  }
}

void Server::ReportModel(const std::string& name, bool known) {
  if (grpc_server_ == nullptr) return;  // ReportServing comes
  grpc_server_->GetHealthCheckService()->SetServingStatus(
      absl::StrCat(v1::TextToImageService::service_full_name(), "/", name),
      known);
}

void Server::StopServing() {
  grpc_server_->GetHealthCheckService()->Shutdown();
}

absl::Status Server::MakeReady(const ServerOptions& options, Engine* engine) {
  StepCostTable& costs = costs_.Add(engine);
  if (options.batch.warm_up_time == absl::ZeroDuration()) {
    return absl::OkStatus();
  }
  const absl::Status warm =
      WarmUp(engine, options.batch, options.limits, &clock_, &costs);
  if (!warm.ok()) {
    costs_.Remove(engine);
    return warm;
  }
  const ModelInfo& info = engine->info();
  const int pixels = (info.default_width / info.latent_scale) *
                     (info.default_height / info.latent_scale);
  logger_->Info(absl::StrCat(
      "warmed up model ", info.name, ": a step of ", info.default_width, "x",
      info.default_height, " takes ",
      absl::FormatDuration(costs.StepTime(pixels, 2)),
      " with 2 rows, and up to ", costs.RowLimit(pixels), " rows"));
  return absl::OkStatus();
}

absl::Status Server::CheckListen(const ServerOptions& options) {
  const SystemClock clock;
  const absl::Status identity =
      LoadIdentity(options.identity, &clock, nullptr).status();
  if (!identity.ok()) return identity;
  absl::StatusOr<HostPort> address =
      ParseHostPort("--listen", options.listen.grpc);
  if (!address.ok()) return address.status();
  return Listener::Bind(*address, /*max_connections=*/0).status();
}

Server::~Server() {
  if (scheduler_thread_.joinable()) Drain(absl::ZeroDuration());
}

void Server::Hurry() {
  absl::MutexLock lock(&mutex_);
  hurried_ = true;
}

bool Server::WaitForScheduler(absl::Time until) {
  absl::MutexLock lock(&mutex_);
  auto woken = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return scheduler_done_ || hurried_;
  };
  mutex_.AwaitWithDeadline(absl::Condition(&woken), until);
  return !hurried_;
}

void Server::Drain(absl::Duration limit) {
  const absl::Time until = absl::Now() + limit;
  StopServing();
  const absl::Status why =
      absl::UnavailableError("the server is shutting down");
  for (std::unique_ptr<Task>& task : queue_.Close(why)) task->sink->Close(why);
  loading_ = models_.Close();
  const bool patient = WaitForScheduler(until);
  scheduler_.Abort();
  scheduler_thread_.join();
  if (text_thread_.joinable()) text_thread_.join();
  listener_.reset();
  const absl::Time now = absl::Now();
  grpc_server_->Shutdown(absl::ToChronoTime(
      now + std::clamp(until - now, kLeastLastWords,
                       patient ? kMostLastWords : kLeastLastWords)));
  grpc_server_->Wait();
}

}  // namespace ella
