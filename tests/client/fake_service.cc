#include "tests/client/fake_service.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace ella {
namespace {

grpc::Status WithDetail(grpc::StatusCode code, const std::string& message,
                        const google::protobuf::Message& detail) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  status.add_details()->PackFrom(detail);
  return grpc::Status(code, message, status.SerializeAsString());
}

}  // namespace

grpc::Status RetryStatus(grpc::StatusCode code, double delay_s) {
  google::rpc::RetryInfo info;
  const double whole = std::trunc(delay_s);
  info.mutable_retry_delay()->set_seconds(static_cast<int64_t>(whole));
  info.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>((delay_s - whole) * 1e9));
  return WithDetail(code, "try later", info);
}

grpc::Status BadRequestStatus(
    const std::string& message,
    const std::vector<std::pair<std::string, std::string>>& fields) {
  google::rpc::BadRequest bad;
  for (const auto& [field, description] : fields) {
    auto* violation = bad.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
  }
  return WithDetail(grpc::StatusCode::INVALID_ARGUMENT, message, bad);
}

v1::GenerateResponse QueuedEvent(const std::string& request_id) {
  v1::GenerateResponse event;
  event.mutable_queued()->set_request_id(request_id);
  event.mutable_queued()->set_position(3);
  event.mutable_queued()->mutable_estimated_wait()->set_seconds(12);
  return event;
}

v1::GenerateResponse StartedEvent() {
  v1::GenerateResponse event;
  event.mutable_started()->mutable_prompt_tokens()->set_given(9);
  event.mutable_started()->mutable_prompt_tokens()->set_used(8);
  event.mutable_started()->mutable_negative_prompt_tokens()->set_given(1);
  event.mutable_started()->mutable_negative_prompt_tokens()->set_used(1);
  return event;
}

v1::GenerateResponse ProgressEvent(uint32_t step, uint32_t steps) {
  v1::GenerateResponse event;
  event.mutable_progress()->set_step(step);
  event.mutable_progress()->set_steps(steps);
  event.mutable_progress()->mutable_eta()->set_seconds(steps - step);
  return event;
}

v1::GenerateResponse PreviewEvent(uint32_t step, const std::string& bytes) {
  v1::GenerateResponse event;
  event.mutable_preview()->set_step(step);
  event.mutable_preview()->mutable_image()->set_data(bytes);
  return event;
}

v1::GenerateResponse ImageEvent(uint32_t index, uint32_t seed,
                                const std::string& bytes) {
  v1::GenerateResponse event;
  event.mutable_image()->set_image_index(index);
  event.mutable_image()->set_seed(seed);
  v1::Image& image = *event.mutable_image()->mutable_image();
  image.set_data(bytes);
  image.set_width(64);
  image.set_height(32);
  return event;
}

v1::GenerateResponse DoneEvent() {
  v1::GenerateResponse event;
  event.mutable_done()->mutable_denoise_time()->set_nanos(500'000'000);
  event.mutable_done()->set_text_cache_hits(1);
  return event;
}

FakeService::FakeService() {
  absl::MutexLock lock(&mutex_);
  defaults_.set_width(512);
  defaults_.set_height(512);
  defaults_.set_guidance_scale(7.5);
}

void FakeService::AddScript(Script script) {
  absl::MutexLock lock(&mutex_);
  scripts_.push_back(std::move(script));
}

void FakeService::set_fingerprint(const std::string& fingerprint) {
  absl::MutexLock lock(&mutex_);
  fingerprint_ = fingerprint;
}

void FakeService::set_defaults(const v1::Defaults& defaults) {
  absl::MutexLock lock(&mutex_);
  defaults_ = defaults;
}

void FakeService::set_cancel_status(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  cancel_status_ = status;
}

std::vector<v1::GenerateRequest> FakeService::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

std::vector<std::string> FakeService::cancelled() const {
  absl::MutexLock lock(&mutex_);
  return cancelled_;
}

std::vector<std::string> FakeService::prompt_keys() const {
  absl::MutexLock lock(&mutex_);
  return prompt_keys_;
}

grpc::Status FakeService::Generate(grpc::ServerContext* context,
                                   const v1::GenerateRequest* request,
                                   Writer* writer) {
  Script script;
  {
    absl::MutexLock lock(&mutex_);
    if (scripts_.empty()) return grpc::Status(grpc::INTERNAL, "no script");
    script = scripts_[std::min(requests_.size(), scripts_.size() - 1)];
    requests_.push_back(*request);
    const auto key = context->client_metadata().find("x-prompt-key");
    prompt_keys_.emplace_back(
        key == context->client_metadata().end()
            ? ""
            : std::string(key->second.data(), key->second.size()));
  }
  return script(*request, *writer);
}

grpc::Status FakeService::Cancel(grpc::ServerContext*,
                                 const v1::CancelRequest* request,
                                 v1::CancelResponse*) {
  absl::MutexLock lock(&mutex_);
  cancelled_.push_back(request->request_id());
  return cancel_status_;
}

grpc::Status FakeService::ListModels(grpc::ServerContext*,
                                     const v1::ListModelsRequest*,
                                     v1::ListModelsResponse* response) {
  absl::MutexLock lock(&mutex_);
  v1::Model& model = *response->add_models();
  model.set_name("tiny");
  model.set_fingerprint(fingerprint_);
  model.set_device("cpu");
  model.add_samplers("ddim");
  model.mutable_limits()->set_max_pixels(1 << 20);
  *model.mutable_defaults() = defaults_;
  return grpc::Status::OK;
}

FakeService::Script Success(uint32_t num_images) {
  return [num_images](const v1::GenerateRequest& request,
                      FakeService::Writer& writer) {
    writer.Write(QueuedEvent(request.request_id()));
    writer.Write(StartedEvent());
    for (uint32_t step = 1; step <= 2; ++step) {
      writer.Write(ProgressEvent(step, 2));
    }
    for (uint32_t i = 0; i < num_images; ++i) {
      writer.Write(ImageEvent(i, 40 + i, absl::StrCat("image ", i)));
    }
    writer.Write(DoneEvent());
    return grpc::Status::OK;
  };
}

FakeService::Script Refusal(const grpc::Status& status) {
  return [status](const v1::GenerateRequest&, FakeService::Writer&) {
    return status;
  };
}

}  // namespace ella
