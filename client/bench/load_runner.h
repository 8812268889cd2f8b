// Sends a plan's requests, many at a time, and sees each to its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "client/bench/bench_call.h"
#include "client/bench/load_plan.h"
#include "client/bench/request_record.h"
#include "ella/v1/text_to_image.grpc.pb.h"
#include "grpcpp/channel.h"

namespace ella {

struct RunProgress {
  double now_s = 0;
  uint64_t begun = 0;
  uint64_t in_flight = 0;
  uint64_t completed = 0;
};

struct RunnerOptions {
  // A closed loop of so many callers; none: an open loop, in which requests are
  // sent at their at_s.
  std::optional<uint32_t> concurrency;
  double timeout_s = 600;  // of a request and all its retries
  bool retry = false;      // as RetryPolicy says
  // Model, previews: the same for all requests.
  v1::GenerateRequest common;
  // Told about twice a second, on the thread of Run; may be null.
  std::function<void(const RunProgress&)> on_progress;
};

struct Connections {
  // At least one; requests take turns on them. They go round `servers` equal
  // ones, of which another is tried where one is unavailable.
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  size_t servers = 1;
  // Deaf streams have it for themselves.
  std::shared_ptr<grpc::Channel> deaf_channel;
  // The server's, for requests that set none.
  float default_guidance = 0;
};

struct RunResult {
  // Each request that was begun and has ended.
  std::vector<RequestRecord> records;
  uint64_t begun = 0;
  // Ends with the run's time or, where that is sooner, its last request.
  double measured_from_s = 0;
  double measured_to_s = 0;
};

// Uses gRPC's own few threads for any number of streams.
//
// In a closed loop a deaf stream keeps its caller busy. Deaf streams begin to
// read when no other stream is left and no request can begin.
class LoadRunner {
 public:
  // The next request; nothing where there is none.
  using Source = std::function<std::optional<LoadRequest>()>;

  explicit LoadRunner(RunnerOptions options);

  // Once. Returns when every request has ended, which takes the time-out at
  // most after the last one has begun.
  RunResult Run(const Connections& connections, const Source& source,
                RunLimits limits);

  // Begins no more requests and ends those that run. From any thread, while or
  // before Run does its work.
  void Stop();

 private:
  // The end of a wait: a request's next try, or the moment of its cancel.
  struct Timer {
    std::unique_ptr<BegunRequest> retry;
    std::weak_ptr<BenchCall> cancel;
  };

  // Those below run on the thread of Run, but for Ended.
  void BeginDue(const Source& source, RunLimits* limits);
  void Begin(LoadRequest planned, double due_s, bool counted);
  void StartTry(std::unique_ptr<BegunRequest> begun);
  void RunDueTimers();
  void WakeDeaf();
  void DropAllOnStop();
  void Report();
  void DestroyEnded();
  bool MayBegin() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits for an event; false once all is over.
  bool Wait();
  void Ended(BenchCall* call);

  const RunnerOptions options_;
  const std::string id_prefix_;

  // Of the thread of Run.
  RunContext run_;
  size_t servers_ = 1;
  std::vector<std::unique_ptr<v1::TextToImageService::Stub>> stubs_;
  std::unique_ptr<v1::TextToImageService::Stub> deaf_stub_;
  std::optional<LoadRequest> upcoming_;
  bool exhausted_ = false;
  uint64_t begun_ = 0;
  double next_report_s_ = 0;
  bool drop_all_ = false;

  absl::Mutex mutex_;
  bool news_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t in_flight_ ABSL_GUARDED_BY(mutex_) = 0;  // retries that wait, too
  uint64_t completed_ ABSL_GUARDED_BY(mutex_) = 0;
  double completed_life_s_ ABSL_GUARDED_BY(mutex_) = 0;  // of all together
  std::map<BenchCall*, std::shared_ptr<BenchCall>> calls_
      ABSL_GUARDED_BY(mutex_);
  // Destroyed on the thread of Run: the last one to go takes its channel along,
  // and gRPC can't end its threads on one of them.
  std::vector<std::shared_ptr<BenchCall>> ended_ ABSL_GUARDED_BY(mutex_);
  std::set<BenchCall*> sleeping_ ABSL_GUARDED_BY(mutex_);  // deaf, not woken
  std::multimap<double, Timer> timers_ ABSL_GUARDED_BY(mutex_);
  std::vector<RequestRecord> records_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ella
