// One try of one request, as a stream that no thread waits for.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "client/bench/load_plan.h"
#include "client/bench/request_record.h"
#include "client/remaining_images.h"
#include "client/retry_policy.h"
#include "ella/v1/text_to_image.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/client_callback.h"

namespace ella {

// A request that was begun, and what its tries share.
struct BegunRequest {
  LoadRequest planned;
  RequestRecord record;
  double deadline_s = 0;
  // When its client wants its end at the latest.
  double cancel_s = std::numeric_limits<double>::infinity();
  std::optional<RetryPolicy> retry;
  std::optional<RemainingImages> images;
  size_t channel = 0;  // of the first try
  v1::TextToImageService::Stub* stub = nullptr;
};

// What all calls of a run share; outlives them.
struct RunContext {
  RunClock clock;
  double measured_from_s = 0;
  double measured_to_s = 0;
  float default_guidance = 0;  // the server's, for requests that set none
};

// Reads the events of a call on gRPC's threads, and ends the call as its plan
// says: once the planned share of its steps is done, or on CancelIsDue().
class BenchCall final : public grpc::ClientReadReactor<v1::GenerateResponse> {
 public:
  // Told once, on a thread of gRPC, when the call and all it started are over;
  // nothing else happens then, and the object may be destroyed.
  using OnEnd = std::function<void(BenchCall*)>;

  BenchCall(std::unique_ptr<BegunRequest> begun, const RunContext& run,
            OnEnd on_end);

  // Once.
  void Start();
  // These three may come from any thread at any time after Start, until the
  // object is destroyed.
  //
  // The client wants the end of the request. Cancel waits for the server to
  // have accepted it, since it would know no such request before.
  void CancelIsDue();
  // Ends the call for the run's own reasons.
  void Drop();
  // Makes a deaf stream read; once.
  void Wake();

  // After OnEnd only. Whether another try makes sense is for `retry` to say,
  // unless the failure is `final`.
  const absl::Status& status() const { return status_; }
  bool final() const { return final_; }
  std::unique_ptr<BegunRequest> TakeRequest() { return std::move(begun_); }

  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  void Take(const v1::GenerateResponse& event);
  void TakeProgress(const v1::Progress& progress, bool measured);
  void TryCancelByClient();
  bool BeginPart();
  void EndPart();

  std::unique_ptr<BegunRequest> begun_;
  const RunContext& run_;
  v1::TextToImageService::Stub* const stub_;
  const CancelBy cancel_by_;
  OnEnd on_end_;

  grpc::ClientContext context_;
  const v1::GenerateRequest request_;
  v1::GenerateResponse response_;
  std::map<uint32_t, uint32_t> steps_done_;  // by image
  uint32_t all_steps_done_ = 0;
  bool done_ = false;
  absl::Status status_;
  bool final_ = false;

  grpc::ClientContext cancel_context_;
  v1::CancelRequest cancel_request_;
  v1::CancelResponse cancel_response_;
  std::atomic<bool> accepted_ = false;
  std::atomic<bool> cancel_due_ = false;
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> dropped_ = false;
  // The stream and a Cancel; at 0 all is over.
  std::atomic<int> open_parts_ = 1;
};

}  // namespace ella
