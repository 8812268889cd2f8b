#include "tests/client/bench/held_service.h"

#include <chrono>

#include "absl/strings/str_cat.h"

namespace ella {

class HeldService::Held final
    : public grpc::ServerWriteReactor<v1::GenerateResponse> {
 public:
  Held(HeldService* service, const v1::GenerateRequest& request)
      : service_(service),
        id_(request.request_id()),
        steps_(request.has_steps() ? request.steps() : 10) {
    event_.mutable_queued()->set_request_id(id_);
    StartWrite(&event_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok || ++step_ >= steps_) return;
    event_.mutable_progress()->set_step(step_);
    event_.mutable_progress()->set_steps(steps_);
    StartWrite(&event_);
  }

  void OnCancel() override {
    if (service_->Release(id_) != nullptr) End();
  }

  void OnDone() override { delete this; }

  // Once, after its release.
  void End() {
    Finish(grpc::Status(grpc::CANCELLED, "the request was cancelled"));
  }

 private:
  HeldService* const service_;
  const std::string id_;
  const uint32_t steps_;
  uint32_t step_ = 0;
  v1::GenerateResponse event_;
};

void HeldService::AwaitHeld(size_t count) {
  const auto enough = [this, count]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return held_.size() >= count;
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&enough));
}

int HeldService::cancelled() const {
  absl::MutexLock lock(&mutex_);
  return cancelled_;
}

HeldService::Held* HeldService::Release(const std::string& request_id) {
  absl::MutexLock lock(&mutex_);
  const auto found = held_.find(request_id);
  if (found == held_.end()) return nullptr;
  Held* held = found->second;
  held_.erase(found);
  return held;
}

grpc::ServerWriteReactor<v1::GenerateResponse>* HeldService::Generate(
    grpc::CallbackServerContext*, const v1::GenerateRequest* request) {
  absl::MutexLock lock(&mutex_);
  auto* held = new Held(this, *request);
  held_[request->request_id()] = held;
  return held;
}

grpc::ServerUnaryReactor* HeldService::Cancel(
    grpc::CallbackServerContext* context, const v1::CancelRequest* request,
    v1::CancelResponse*) {
  auto* reactor = context->DefaultReactor();
  Held* held = Release(request->request_id());
  if (held == nullptr) {
    reactor->Finish(grpc::Status(grpc::NOT_FOUND, "no such request"));
    return reactor;
  }
  held->End();
  {
    absl::MutexLock lock(&mutex_);
    ++cancelled_;
  }
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace ella
