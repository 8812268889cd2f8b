#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "model/api/engine.h"
#include "model/api/types.h"
#include "server/scheduling/event_sink.h"

namespace ella {

// Whoever holds it keeps the engine, though its model may have been unloaded.
using EnginePtr = std::shared_ptr<Engine>;

struct PreviewSettings {
  uint32_t every_steps = 0;  // 0: none
  int max_side = 0;          // pixels; 0: as the kind makes it
  PreviewKind kind = PreviewKind::kRgb;
};

// The texts of a request, encoded: the prompt, and with guidance the negative
// prompt.
struct EncodedTexts {
  std::vector<EncodingPtr> encodings;  // null: still to be encoded
  int cache_hits = 0;
  absl::Duration time;  // in the text encoders

  bool complete() const;
};

// A validated request with what it takes to serve it. Belongs to the queue,
// then to the scheduler; only `cancelled` is shared with other threads.
struct Task {
  GenerationParams params;
  EnginePtr engine;
  PreviewSettings preview;
  std::string caller;  // whose share of the device it takes
  int priority = 0;    // larger is more urgent
  absl::Time deadline = absl::InfiniteFuture();
  // Set by anyone at any time: the client went, or asked to stop.
  std::shared_ptr<std::atomic<bool>> cancelled;
  std::shared_ptr<EventSink> sink;

  // Set by the queue.
  EncodedTexts texts;
  absl::Time enqueued_at;
  uint64_t id = 0;  // smaller is older
};

BatchKey KeyOf(const Task& task);
std::vector<Text> TextsOf(const GenerationParams& params);

// UNet rows that one image takes in a step: two with guidance.
int UnetRowsPerImage(const GenerationParams& params);

// OK while the task is wanted; Cancelled or DeadlineExceeded after.
absl::Status CheckWanted(const Task& task, absl::Time now);

}  // namespace ella
