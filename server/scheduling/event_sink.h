// What the scheduler tells about a request as it goes.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "model/api/types.h"

namespace ella {

struct QueuedEvent {
  int position = 0;  // requests ahead
  absl::Duration estimated_wait;
};

struct StartedEvent {
  TokenCount prompt;
  std::optional<TokenCount> negative;  // only with guidance
};

struct ProgressEvent {
  int image_index = 0;
  int step = 0;   // UNet calls done
  int steps = 0;  // UNet calls in all
  absl::Duration eta;
};

struct PreviewEvent {
  int image_index = 0;
  int step = 0;
  RgbImage image;
};

struct ImageEvent {
  int image_index = 0;
  uint32_t seed = 0;
  RgbImage image;
};

struct DoneEvent {
  absl::Duration queue_time;
  absl::Duration text_time;
  absl::Duration denoise_time;
  absl::Duration decode_time;
  // UNet rows in the batches that the request was part of, on average.
  double mean_batch_rows = 0;
  int text_cache_hits = 0;
  int connector_cache_hits = 0;
};

using Event = std::variant<QueuedEvent, StartedEvent, ProgressEvent,
                           PreviewEvent, ImageEvent, DoneEvent>;

// Where the events of one request go. Events come one at a time in the order of
// the variant's meaning: `queued`s, `started`, work, `done`. Then comes Close,
// exactly once and last; on an error without `done` before it.
//
// Both calls return at once and call nothing of the scheduler, as they come
// from the denoising thread or under the queue's lock.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void Emit(Event event) = 0;
  // The work has stopped and holds nothing any more.
  virtual void Close(absl::Status status) = 0;
};

}  // namespace ella
