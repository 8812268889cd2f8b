#include "server/rpc/outbox.h"

#include <algorithm>
#include <utility>

namespace ella {
namespace {

// Whether `older`, still unsent, tells nothing beside `newer`.
bool IsStale(const v1::GenerateResponse& older,
             const v1::GenerateResponse& newer) {
  if (older.has_queued()) return newer.has_queued();
  return older.has_progress() && newer.has_progress() &&
         older.progress().image_index() == newer.progress().image_index();
}

size_t PayloadBytes(const v1::GenerateResponse& message) {
  if (message.has_preview()) return message.preview().image().data().size();
  return message.image().image().data().size();
}

}  // namespace

Outbox::Outbox(MessageWriter* writer, size_t max_unsent_bytes)
    : writer_(writer), max_unsent_bytes_(max_unsent_bytes) {}

bool Outbox::Send(v1::GenerateResponse message) {
  absl::MutexLock lock(&mutex_);
  if (client_gone_ || !MakeRoomFor(message)) return false;
  unsent_.push_back(std::move(message));
  WriteNext();
  return true;
}

bool Outbox::MakeRoomFor(const v1::GenerateResponse& message) {
  if (message.has_preview()) {
    size_t bytes = PayloadBytes(message);
    for (const v1::GenerateResponse& waiting : unsent_) {
      bytes += PayloadBytes(waiting);
    }
    return bytes <= max_unsent_bytes_;
  }
  unsent_.erase(std::remove_if(unsent_.begin(), unsent_.end(),
                               [&](const v1::GenerateResponse& waiting) {
                                 return IsStale(waiting, message);
                               }),
                unsent_.end());
  return true;
}

void Outbox::Close(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  end_ = status;
  if (!status.ok()) {
    unsent_.erase(std::remove_if(unsent_.begin(), unsent_.end(),
                                 [](const v1::GenerateResponse& waiting) {
                                   return !waiting.has_image();
                                 }),
                  unsent_.end());
  }
  WriteNext();
}

void Outbox::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  in_flight_.reset();
  if (!ok) {
    client_gone_ = true;
    unsent_.clear();
  }
  WriteNext();
}

void Outbox::WriteNext() {
  if (in_flight_.has_value() || finished_) return;
  if (!unsent_.empty()) {
    in_flight_ = std::move(unsent_.front());
    unsent_.pop_front();
    writer_->Write(*in_flight_);
  } else if (end_.has_value()) {
    finished_ = true;
    writer_->Finish(*end_);
  }
}

}  // namespace ella
