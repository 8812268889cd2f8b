#include "client/bench/bench_call.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "client/prompt_key.h"
#include "client/rpc_status.h"

namespace ella {
namespace {

std::chrono::system_clock::time_point In(double seconds) {
  return std::chrono::system_clock::now() +
         std::chrono::duration_cast<std::chrono::system_clock::duration>(
             std::chrono::duration<double>(seconds));
}

bool IsRefusal(const absl::Status& status) {
  return absl::IsResourceExhausted(status) || absl::IsUnavailable(status) ||
         absl::IsDeadlineExceeded(status);
}

}  // namespace

BenchCall::BenchCall(std::unique_ptr<BegunRequest> begun, const RunContext& run,
                     OnEnd on_end)
    : begun_(std::move(begun)),
      run_(run),
      stub_(begun_->stub),
      cancel_by_(begun_->planned.cancel_by),
      on_end_(std::move(on_end)),
      request_(begun_->images->NextTry()) {
  const auto deadline = In(begun_->deadline_s - run_.clock.Now());
  context_.set_deadline(deadline);
  cancel_context_.set_deadline(deadline);
  context_.AddMetadata(kPromptKeyHeader, PromptKey(request_));
  cancel_request_.set_request_id(request_.request_id());
}

void BenchCall::Start() {
  stub_->async()->Generate(&context_, &request_, this);
  if (begun_->planned.deaf) {
    AddHold();
  } else {
    StartRead(&response_);
  }
  StartCall();
}

void BenchCall::CancelIsDue() {
  cancel_due_ = true;
  TryCancelByClient();
}

void BenchCall::Drop() {
  dropped_ = true;
  context_.TryCancel();
}

void BenchCall::Wake() {
  StartRead(&response_);
  RemoveHold();
}

void BenchCall::OnReadDone(bool ok) {
  if (!ok) return;
  if (begun_->images->Take(&response_)) Take(response_);
  accepted_ = true;
  TryCancelByClient();
  StartRead(&response_);
}

void BenchCall::Take(const v1::GenerateResponse& event) {
  RequestRecord& record = begun_->record;
  const double now_s = run_.clock.Now();
  const bool measured =
      now_s >= run_.measured_from_s && now_s < run_.measured_to_s;
  if (event.has_started()) {
    const bool text =
        begun_->planned.request.conditioning() != v1::CONDITIONING_CLIP;
    record.encodings =
        text ? 1 + event.started().has_negative_prompt_tokens() : 0;
  } else if (event.has_progress()) {
    if (!record.first_progress_s) record.first_progress_s = now_s;
    TakeProgress(event.progress(), measured);
  } else if (event.has_preview()) {
    if (!record.first_preview_s) record.first_preview_s = now_s;
    ++record.previews;
  } else if (event.has_image()) {
    record.images_measured += measured;
  } else if (event.has_done()) {
    done_ = true;
    record.encodings_cached = event.done().text_cache_hits();
    record.mean_batch_rows = event.done().mean_batch_rows();
  }
}

void BenchCall::TakeProgress(const v1::Progress& progress, bool measured) {
  // A slow stream leaves events out, but not their steps.
  uint32_t& done = steps_done_[progress.image_index()];
  const uint32_t steps = std::max(progress.step(), done) - done;
  done += steps;
  all_steps_done_ += steps;
  const v1::GenerateRequest& request = begun_->planned.request;
  if (measured) {
    const float guidance = request.has_guidance_scale()
                               ? request.guidance_scale()
                               : run_.default_guidance;
    begun_->record.steps_measured += steps;
    begun_->record.rows_measured += guidance > 1 ? 2 * steps : steps;
  }
  const double all = static_cast<double>(progress.steps()) *
                     std::max(request.num_images(), 1u);
  if (all_steps_done_ >= begun_->planned.cancel_at * all) cancel_due_ = true;
}

void BenchCall::TryCancelByClient() {
  if (cancel_by_ == CancelBy::kNothing || !cancel_due_) return;
  if (cancel_by_ == CancelBy::kRpc && !accepted_) return;
  if (cancelled_.exchange(true)) return;
  if (cancel_by_ == CancelBy::kDroppedCall) {
    context_.TryCancel();
  } else if (BeginPart()) {
    stub_->async()->Cancel(&cancel_context_, &cancel_request_,
                           &cancel_response_,
                           [this](const grpc::Status&) { EndPart(); });
  }
}

void BenchCall::OnDone(const grpc::Status& status) {
  status_ = FromGrpcStatus(status);
  if (status_.ok() && !done_) {
    status_ = absl::InternalError("the server ended the stream without `done`");
  }
  if (absl::IsCancelled(status_) && !accepted_ && !cancelled_ && !dropped_) {
    // gRPC's own word for a call that meets a server on its way out.
    status_ = absl::UnavailableError("the server ended the call");
  }
  if (absl::IsUnavailable(status_) && begun_->images->all()) {
    status_ = absl::OkStatus();
  }
  const bool failed_at_work =
      accepted_ && absl::IsResourceExhausted(status_) && !RetryDelay(status_);
  final_ = status_.ok() || failed_at_work || cancelled_ || dropped_;
  RequestRecord& record = begun_->record;
  record.ended_s = run_.clock.Now();
  record.code = status_.code();
  record.message = std::string(status_.message());
  if (IsRefusal(status_) && !accepted_) ++record.refusals;
  EndPart();
}

bool BenchCall::BeginPart() {
  int parts = open_parts_;
  while (parts > 0) {
    if (open_parts_.compare_exchange_weak(parts, parts + 1)) return true;
  }
  return false;
}

void BenchCall::EndPart() {
  if (--open_parts_ > 0) return;
  if (cancelled_) begun_->record.cancelled_by = cancel_by_;
  // It may have this destroyed, and itself with it.
  const OnEnd on_end = std::move(on_end_);
  on_end(this);
}

}  // namespace ella
