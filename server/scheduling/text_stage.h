#pragma once

#include "server/metrics/metrics.h"
#include "server/scheduling/clock.h"
#include "server/scheduling/request_queue.h"

namespace ella {

// Encodes the texts of waiting tasks: what the cache lacks, of all tasks that
// wait for it, in one pass; a text that several tasks have is encoded once.
//
// One thread turns it, and is the text thread of every engine: one of its own
// by Run(), or the denoising thread between steps by RunOnce().
class TextStage {
 public:
  // The pointers outlive the stage.
  TextStage(RequestQueue* queue, const Clock* clock, Metrics* metrics);

  // One pass. False where there was nothing to do.
  bool RunOnce();

  // Turns until the queue is closed; sleeps while idle.
  void Run();

 private:
  void Encode(std::vector<RequestQueue::TextJob*> jobs);

  RequestQueue* const queue_;
  const Clock* const clock_;
  Metrics* const metrics_;
};

}  // namespace ella
