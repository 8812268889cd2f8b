#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/server.h"
#include "model/api/engine.h"
#include "server/config/host_port.h"
#include "server/config/server_options.h"
#include "server/identity/identity.h"
#include "server/logging/logger.h"
#include "server/metrics/metrics.h"
#include "server/models/engine_factory.h"
#include "server/models/model_store.h"
#include "server/output/output_pool.h"
#include "server/output/work_queue.h"
#include "server/rpc/listener.h"
#include "server/rpc/model_admin_service.h"
#include "server/rpc/text_to_image_service.h"
#include "server/scheduling/caller_ledger.h"
#include "server/scheduling/clock.h"
#include "server/scheduling/cost_tables.h"
#include "server/scheduling/request_queue.h"
#include "server/scheduling/step_scheduler.h"
#include "server/scheduling/text_stage.h"

namespace ella {

// The gRPC server with all behind it: the queue, the text stage and the
// scheduler on their threads, the output threads. Serves from Start until
// Drain. gRPC's own health service says so too, of the server (""), of
// "ella.v1.TextToImageService", and of that name with "/MODEL" for each model.
class Server {
 public:
  // Told once, on a thread of the server, where a device fails for good: all
  // requests have been ended with Unavailable, as further ones are.
  using OnDeviceLost = std::function<void(const absl::Status& why)>;

  // Warms the engines up, then serves. `engines`: of the first of
  // options.models, at least one; the others are loaded with create_engine when
  // they are asked for. Metrics and logger outlive the server.
  // FailedPrecondition where the address can't be had; the engine's error where
  // warm-up fails; an error that names the file where a certificate or the keys
  // can't be used.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServerOptions& options,
      std::vector<std::unique_ptr<Engine>> engines, Metrics* metrics,
      Logger* logger, OnDeviceLost on_device_lost = nullptr,
      EngineFactory create_engine = nullptr);
  // Whether Start would find the address free and all files of the identity
  // good now; says no as Start does.
  static absl::Status CheckListen(const ServerOptions& options);
  // Drains without delay, if that hasn't been done.
  ~Server();

  const HostPort& address() const { return address_; }

  // Refuses new requests and those that wait, with Unavailable; lets what runs
  // go on for up to `limit`, then ends it. Returns when all have been answered.
  // Once.
  void Drain(absl::Duration limit);

  // Makes a Drain that goes on, or is to come, end without delay. Thread-safe.
  void Hurry();

  // Whether a load was under way as the drain ended. The server's end waits for
  // it.
  bool loading() const { return loading_; }

  // Of the models that are loaded now. Thread-safe; let go before the server
  // ends.
  std::vector<EnginePtr> Engines() const { return models_.Engines(); }

 private:
  Server(const ServerOptions& options, bool has_text_thread, Metrics* metrics,
         Logger* logger, OnDeviceLost on_device_lost,
         EngineFactory create_engine);
  // Tells gRPC's health service that all is served, until StopServing.
  void ReportServing();
  void StopServing();
  void ReportModel(const std::string& name, bool known);
  // Makes the engine's cost table and fills it.
  absl::Status MakeReady(const ServerOptions& options, Engine* engine);
  // False where it was hurried.
  bool WaitForScheduler(absl::Time until);

  Logger* const logger_;
  // In the order in which each outlives those below.
  const bool has_text_thread_;
  const SystemClock clock_;
  Identity identity_;
  CostTables costs_;
  ModelStore models_;
  CallerLedger ledger_;
  RequestQueue queue_;
  TextStage text_stage_;
  StepScheduler scheduler_;
  TextToImageService service_;
  ModelAdminService admin_service_;
  WorkQueue delivery_;
  OutputPool pool_;
  HostPort address_;
  std::unique_ptr<grpc::Server> grpc_server_;
  std::unique_ptr<Listener> listener_;
  bool loading_ = false;

  absl::Mutex mutex_;
  bool scheduler_done_ ABSL_GUARDED_BY(mutex_) = false;
  bool hurried_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread text_thread_;
  std::thread scheduler_thread_;
};

}  // namespace ella
