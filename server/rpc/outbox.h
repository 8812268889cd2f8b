#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "ella/v1/text_to_image.pb.h"
#include "server/rpc/response_channel.h"

namespace ella {

// What the outbox writes to: a stream that takes one message at a time.
class MessageWriter {
 public:
  virtual ~MessageWriter() = default;
  // The message stays as it is until OnWriteDone.
  virtual void Write(const v1::GenerateResponse& message) = 0;
  // Once, with no write in flight. The writer may go at any time after.
  virtual void Finish(const absl::Status& status) = 0;
};

// Messages on their way to one client who may read slowly, or not at all: one
// write is in flight, the rest waits here, bounded. An unsent `queued` or
// `progress` gives way to the newer one of the same image; a preview that
// doesn't fit is dropped. Images and the end always go.
//
// Thread-safe. The writer is called under the outbox's lock, so it must not
// call back before it returns.
class Outbox final : public ResponseChannel {
 public:
  // The writer lives until it has been told to finish.
  Outbox(MessageWriter* writer, size_t max_unsent_bytes);

  bool Send(v1::GenerateResponse message) override;
  // An error overtakes all that waits but images.
  void Close(const absl::Status& status) override;

  // The write in flight has ended; not ok: the client has gone.
  void OnWriteDone(bool ok);

 private:
  bool MakeRoomFor(const v1::GenerateResponse& message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  MessageWriter* const writer_;
  const size_t max_unsent_bytes_;

  absl::Mutex mutex_;
  std::deque<v1::GenerateResponse> unsent_ ABSL_GUARDED_BY(mutex_);
  std::optional<v1::GenerateResponse> in_flight_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool client_gone_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ella
