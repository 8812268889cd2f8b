#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "server/scheduling/task.h"
#include "tests/fakes/recording_sink.h"

namespace ella {

// A request as the tests see it: its task until the queue takes it, and what
// came of it.
struct TestRequest {
  std::unique_ptr<Task> task = std::make_unique<Task>();
  std::shared_ptr<RecordingSink> sink = std::make_shared<RecordingSink>();
  std::shared_ptr<std::atomic<bool>> cancelled =
      std::make_shared<std::atomic<bool>>(false);
};

// One unguided image of 16x16 pixels, four latent pixels, in three steps.
// The engine outlives it.
inline TestRequest MakeRequest(Engine* engine, uint32_t seed, int steps = 3) {
  TestRequest request;
  request.task->engine = EnginePtr(EnginePtr(), engine);
  request.task->caller = "someone";
  request.task->params.width = 16;
  request.task->params.height = 16;
  request.task->params.steps = steps;
  request.task->params.guidance_scale = 1;
  request.task->params.seed = seed;
  request.task->sink = request.sink;
  request.task->cancelled = request.cancelled;
  return request;
}

}  // namespace ella
