#pragma once

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
#include "server/output/output_pool.h"
#include "server/output/work_queue.h"
#include "server/rpc/text_to_image_service.h"
#include "server/scheduling/clock.h"
#include "server/scheduling/request_queue.h"
#include "server/scheduling/step_scheduler.h"
#include "server/scheduling/step_time_estimator.h"

namespace ella {

// The gRPC server with all behind it: the queue, the scheduler on its thread,
// the output threads. Serves from Start until Drain.
class Server {
 public:
  // `engines` in the order of options.models. FailedPrecondition where the
  // address can't be had.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServerOptions& options,
      std::vector<std::unique_ptr<Engine>> engines);
  // Whether Start would find the address free now; says no as Start does.
  static absl::Status CheckListen(const ListenOptions& options);
  // Drains without delay, if that hasn't been done.
  ~Server();

  const HostPort& address() const { return address_; }

  // Refuses new requests and those that wait, with Unavailable; lets what runs
  // go on for up to `limit`, then ends it. Returns when all have been answered.
  // Once.
  void Drain(absl::Duration limit);

  // Makes a Drain that goes on, or is to come, end without delay. Thread-safe.
  void Hurry();

 private:
  Server(const ServerOptions& options,
         std::vector<std::unique_ptr<Engine>> engines);
  // False where it was hurried.
  bool WaitForScheduler(absl::Time until);

  // In the order in which each outlives those below.
  const std::vector<std::unique_ptr<Engine>> engines_;
  const SystemClock clock_;
  StepTimeEstimator estimator_;
  RequestQueue queue_;
  StepScheduler scheduler_;
  TextToImageService service_;
  WorkQueue delivery_;
  OutputPool pool_;
  HostPort address_;
  std::unique_ptr<grpc::Server> grpc_server_;

  absl::Mutex mutex_;
  bool scheduler_done_ ABSL_GUARDED_BY(mutex_) = false;
  bool hurried_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread scheduler_thread_;
};

}  // namespace ella
