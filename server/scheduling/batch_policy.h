// Which requests join and which rows share the next UNet call: a decision from
// state and time alone, without locks, clocks or engines.
#pragma once

#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "model/api/engine.h"
#include "model/api/types.h"
#include "server/config/server_options.h"
#include "server/scheduling/service_order.h"

namespace ella {

// A request that waits, its texts encoded, or that has rows already.
struct Candidate {
  Standing standing;
  BatchKey key;
  // Another engine may serve a model of the same name, after a swap; they share
  // no step.
  const Engine* engine = nullptr;
  absl::Time enqueued_at;
  bool joined = false;
  int unet_rows_per_image = 1;
  // Of each image; 0: denoised. All that the request asks for, while it waits.
  std::vector<int> steps_left;
};

struct RowChoice {
  int candidate = 0;
  int image = 0;

  friend bool operator==(const RowChoice&, const RowChoice&) = default;
};

struct BatchDecision {
  std::vector<int> join;  // candidates to start before the step
  // The rows of the next UNet call, of one engine and of equal keys.
  std::vector<RowChoice> step;
  // Where there is nothing to step: when to decide again, if nothing changes.
  absl::Time wake_at = absl::InfiniteFuture();
};

// The most UNet rows that a step of this engine and key may take.
using RowLimit = std::function<int(const Engine* engine, const BatchKey& key)>;

// kStep: the first in the order of service whose images need steps decides the
// key, and the others of that key fill up the batch in their order; whoever is
// left out keeps its rows as they are and goes on later. kRequest: when the
// last batch has ended, those of the first one's key that fit make the next,
// which nobody joins; it forms when full or `request_window` after the first
// came. kOff: one request at a time. At least one image is stepped, even over
// the limit; of one request, those behind the others first.
BatchDecision DecideBatch(const BatchOptions& options,
                          absl::Span<const Candidate> candidates,
                          const RowLimit& row_limit, absl::Time now);

}  // namespace ella
