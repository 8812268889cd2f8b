#include "tests/fakes/recording_sink.h"

#include "absl/strings/str_cat.h"

namespace ella {
namespace {

struct Describe {
  std::string operator()(const QueuedEvent& e) const {
    return absl::StrCat("queued ", e.position);
  }
  std::string operator()(const StartedEvent&) const { return "started"; }
  std::string operator()(const ProgressEvent& e) const {
    return absl::StrCat("progress ", e.image_index, " ", e.step, "/", e.steps);
  }
  std::string operator()(const PreviewEvent& e) const {
    return absl::StrCat("preview ", e.image_index, " ", e.step);
  }
  std::string operator()(const ImageEvent& e) const {
    return absl::StrCat("image ", e.image_index, " seed ", e.seed);
  }
  std::string operator()(const DoneEvent&) const { return "done"; }
};

}  // namespace

void RecordingSink::Emit(Event event) {
  absl::MutexLock lock(&mutex_);
  log_.push_back(std::visit(Describe(), event));
  events_.push_back(std::move(event));
}

void RecordingSink::Close(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  log_.push_back(
      absl::StrCat("closed ", absl::StatusCodeToString(status.code())));
  end_ = std::move(status);
}

std::vector<std::string> RecordingSink::log() const {
  absl::MutexLock lock(&mutex_);
  return log_;
}

std::optional<absl::Status> RecordingSink::end() const {
  absl::MutexLock lock(&mutex_);
  return end_;
}

}  // namespace ella
