#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "server/metrics/metrics.h"
#include "server/scheduling/step_scheduler.h"
#include "server/scheduling/text_stage.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_engine.h"
#include "tests/server/scheduling/task_maker.h"

namespace ella {

// A queue, a text stage and a scheduler that the test turns by hand.
class SchedulerFixture : public ::testing::Test {
 protected:
  explicit SchedulerFixture(const BatchOptions& options = {.max_batch_rows = 4},
                            int max_queue = 64)
      : costs_({&engine_}, options.max_batch_rows),
        queue_({.max_queue = max_queue}, &clock_, &costs_, &ledger_),
        text_stage_(&queue_, &clock_, &metrics_),
        scheduler_(options, {.queue = &queue_,
                             .costs = &costs_,
                             .ledger = &ledger_,
                             .clock = &clock_,
                             .metrics = &metrics_,
                             .on_device_lost = [this](const absl::Status& why) {
                               lost_.push_back(why);
                             }}) {}

  // Queues the request and encodes its texts.
  void Add(TestRequest* request) {
    const absl::Status status = queue_.Enqueue(&request->task);
    ASSERT_TRUE(status.ok()) << status;
    text_stage_.RunOnce();
  }

  void RunAll() {
    while (text_stage_.RunOnce() || scheduler_.RunOnce()) {
    }
  }

  void Turn(int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(scheduler_.RunOnce());
  }

  static absl::StatusCode EndOf(const TestRequest& request) {
    return request.sink->end().value().code();
  }

  std::vector<absl::Status> lost_;  // what on_device_lost was told
  FakeClock clock_;
  FakeEngine engine_{&clock_};
  prometheus::Registry registry_;
  Metrics metrics_{&registry_, "test"};
  CostTables costs_;
  CallerLedger ledger_;
  RequestQueue queue_;
  TextStage text_stage_;
  StepScheduler scheduler_;
};

}  // namespace ella
