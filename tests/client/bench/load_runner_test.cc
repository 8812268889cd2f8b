#include "client/bench/load_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "client/server_access.h"
#include "tests/client/bench/held_service.h"
#include "tests/client/channels_to.h"
#include "tests/client/fake_service.h"

namespace ella {
namespace {

using Script = FakeService::Script;

std::shared_ptr<grpc::Channel> Channel(const std::string& address) {
  return ChannelsTo({address})[0].channel;
}

Connections ConnectionsTo(const std::string& address) {
  return {.channels = {Channel(address), Channel(address)},
          .deaf_channel = Channel(address),
          .default_guidance = 7.5};
}

// `count` requests, each as `change` makes it.
LoadRunner::Source Requests(
    int count, const std::function<void(int, LoadRequest*)>& change = nullptr) {
  return [=, next = 0]() mutable -> std::optional<LoadRequest> {
    if (next == count) return std::nullopt;
    LoadRequest planned;
    planned.request.set_prompt("a fox");
    if (change) change(next, &planned);
    ++next;
    return planned;
  };
}

RunLimits NoLimits() { return RunLimits(0, std::nullopt, std::nullopt); }

int CountOf(const RunResult& result, absl::StatusCode code) {
  return static_cast<int>(
      std::count_if(result.records.begin(), result.records.end(),
                    [code](const RequestRecord& r) { return r.code == code; }));
}

TEST(LoadRunnerTest, RecordsWhatTheEventsSay) {
  FakeServer server;
  server.service().AddScript(Success(1));
  RunnerOptions options;
  options.concurrency = 1;
  options.common.set_model("m");
  options.common.mutable_preview()->set_every_steps(2);
  const RunResult result = LoadRunner(options).Run(
      ConnectionsTo(server.address()), Requests(1), NoLimits());
  ASSERT_EQ(result.records.size(), 1u);
  const RequestRecord& record = result.records[0];
  EXPECT_EQ(record.code, absl::StatusCode::kOk) << record.message;
  EXPECT_EQ(record.steps_measured, 2u);
  EXPECT_EQ(record.rows_measured, 4u);  // with guidance
  EXPECT_EQ(record.images_measured, 1u);
  EXPECT_EQ(record.encodings, 2u);
  EXPECT_EQ(record.encodings_cached, 1u);
  EXPECT_EQ(record.previews, 0u);
  EXPECT_EQ(record.refusals, 0u);
  EXPECT_TRUE(record.first_progress_s.has_value());
  EXPECT_FALSE(record.first_preview_s.has_value());
  EXPECT_LE(record.due_s, record.sent_s);
  EXPECT_LE(record.sent_s, *record.first_progress_s);
  EXPECT_LE(*record.first_progress_s, record.ended_s);
  EXPECT_GE(result.measured_to_s, record.ended_s);
  const v1::GenerateRequest sent = server.service().requests()[0];
  EXPECT_EQ(sent.prompt(), "a fox");
  EXPECT_EQ(sent.model(), "m");
  EXPECT_EQ(sent.preview().every_steps(), 2u);
}

TEST(LoadRunnerTest, AClosedLoopKeepsItsCallersBusyAndNoMore) {
  constexpr int kCallers = 4;
  absl::Mutex mutex;
  int active = 0, most = 0, calls = 0;
  FakeServer server;
  server.service().AddScript(
      [&](const v1::GenerateRequest& request, FakeService::Writer& writer) {
        {
          absl::MutexLock lock(&mutex);
          most = std::max(most, ++active);
          ++calls;
          // The first ones wait for each other.
          mutex.Await(absl::Condition(
              +[](int* calls) { return *calls >= kCallers; }, &calls));
        }
        const grpc::Status status = Success(1)(request, writer);
        absl::MutexLock lock(&mutex);
        --active;
        return status;
      });
  RunnerOptions options;
  options.concurrency = kCallers;
  const RunResult result = LoadRunner(options).Run(
      ConnectionsTo(server.address()), Requests(40), NoLimits());
  EXPECT_EQ(CountOf(result, absl::StatusCode::kOk), 40);
  EXPECT_EQ(most, kCallers);
}

TEST(LoadRunnerTest, AnOpenLoopDoesNotWaitForAnswers) {
  HeldServer server;
  LoadRunner runner({});
  std::thread stop([&] {
    server.service().AwaitHeld(100);
    runner.Stop();
  });
  const RunResult result =
      runner.Run(ConnectionsTo(server.address()), Requests(100), NoLimits());
  stop.join();
  EXPECT_EQ(result.begun, 100u);
  EXPECT_EQ(CountOf(result, absl::StatusCode::kCancelled), 100);
}

TEST(LoadRunnerTest, EndsOfEitherKindAreCancelled) {
  HeldServer server;
  RunnerOptions options;
  options.concurrency = 8;
  const RunResult result = LoadRunner(options).Run(
      ConnectionsTo(server.address()),
      Requests(60,
               [](int i, LoadRequest* planned) {
                 planned->request.set_steps(10);
                 planned->cancel_by =
                     i % 2 == 0 ? CancelBy::kRpc : CancelBy::kDroppedCall;
                 planned->cancel_at = (i % 9) / 10.0;
               }),
      NoLimits());
  EXPECT_EQ(result.begun, 60u);
  EXPECT_EQ(CountOf(result, absl::StatusCode::kCancelled), 60);
  EXPECT_EQ(server.service().cancelled(), 30);
  for (const RequestRecord& record : result.records) {
    EXPECT_NE(record.cancelled_by, CancelBy::kNothing);
    EXPECT_EQ(record.refusals, 0u);
  }
}

TEST(LoadRunnerTest, HoldsAThousandStreams) {
  HeldServer server;
  RunnerOptions options;
  options.concurrency = 1000;
  LoadRunner runner(options);
  std::thread stop([&] {
    server.service().AwaitHeld(1000);
    runner.Stop();
  });
  const RunResult result = runner.Run(
      ConnectionsTo(server.address()),
      Requests(5000, [](int i,
                        LoadRequest* planned) { planned->deaf = i % 10 == 0; }),
      NoLimits());
  stop.join();
  EXPECT_EQ(result.begun, 1000u);
  EXPECT_EQ(CountOf(result, absl::StatusCode::kCancelled), 1000);
}

TEST(LoadRunnerTest, DeafStreamsReadAtTheEnd) {
  FakeServer server;
  server.service().AddScript(Success(1));
  const RunResult result = LoadRunner({}).Run(
      ConnectionsTo(server.address()),
      Requests(40,
               [](int i, LoadRequest* planned) { planned->deaf = i % 4 == 0; }),
      NoLimits());
  EXPECT_EQ(CountOf(result, absl::StatusCode::kOk), 40);
  double last_other_s = 0;
  for (const RequestRecord& record : result.records) {
    if (!record.deaf) last_other_s = std::max(last_other_s, record.ended_s);
  }
  for (const RequestRecord& record : result.records) {
    if (record.deaf) {
      EXPECT_GE(record.ended_s, last_other_s);
      EXPECT_EQ(record.images_measured, 1u);
    }
  }
}

TEST(LoadRunnerTest, DeafCallersDoNotBlockAClosedLoop) {
  FakeServer server;
  server.service().AddScript(Success(1));
  RunnerOptions options;
  options.concurrency = 2;
  const RunResult result = LoadRunner(options).Run(
      ConnectionsTo(server.address()),
      Requests(9, [](int, LoadRequest* planned) { planned->deaf = true; }),
      NoLimits());
  EXPECT_EQ(CountOf(result, absl::StatusCode::kOk), 9);
}

TEST(LoadRunnerTest, RequestsEndWithTheirTimeOut) {
  HeldServer server;
  RunnerOptions options;
  options.timeout_s = 0.2;
  const RunResult result = LoadRunner(options).Run(
      ConnectionsTo(server.address()),
      Requests(6,
               [](int i, LoadRequest* planned) { planned->deaf = i % 2 == 0; }),
      NoLimits());
  EXPECT_EQ(CountOf(result, absl::StatusCode::kDeadlineExceeded), 6);
}

TEST(LoadRunnerTest, CountsRefusalsAndGoesOn) {
  FakeServer server;
  server.service().AddScript(
      Refusal(RetryStatus(grpc::RESOURCE_EXHAUSTED, 0.01)));
  server.service().AddScript(Success(1));
  RunnerOptions options;
  options.concurrency = 1;
  const RunResult result = LoadRunner(options).Run(
      ConnectionsTo(server.address()), Requests(3), NoLimits());
  EXPECT_EQ(CountOf(result, absl::StatusCode::kResourceExhausted), 1);
  EXPECT_EQ(CountOf(result, absl::StatusCode::kOk), 2);
  EXPECT_EQ(result.records[0].refusals, 1u);
  EXPECT_EQ(result.records[0].message, "try later");
}

TEST(LoadRunnerTest, RetriesWhereItIsAskedTo) {
  FakeServer server;
  server.service().AddScript(
      Refusal(RetryStatus(grpc::RESOURCE_EXHAUSTED, 0.01)));
  server.service().AddScript(Refusal(RetryStatus(grpc::UNAVAILABLE, 0.01)));
  server.service().AddScript(Success(1));
  RunnerOptions options;
  options.concurrency = 1;
  options.retry = true;
  const RunResult result = LoadRunner(options).Run(
      ConnectionsTo(server.address()), Requests(1), NoLimits());
  ASSERT_EQ(result.records.size(), 1u);
  EXPECT_EQ(result.records[0].code, absl::StatusCode::kOk);
  EXPECT_EQ(result.records[0].refusals, 2u);
  const auto requests = server.service().requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[2].request_id(), requests[0].request_id());
}

TEST(LoadRunnerTest, AnotherServerTakesOverWhatIsMissing) {
  FakeServer broken, whole;
  broken.service().AddScript(
      [](const v1::GenerateRequest&, FakeService::Writer& writer) {
        writer.Write(ImageEvent(0, 40, "image 0"));
        return grpc::Status(grpc::UNAVAILABLE, "killed");
      });
  whole.service().AddScript(
      [](const v1::GenerateRequest& request, FakeService::Writer& writer) {
        return Success(request.num_images())(request, writer);
      });
  RunnerOptions options;
  options.concurrency = 2;
  options.retry = true;
  options.common.set_num_images(2);
  const Connections connections = {
      .channels = {Channel(broken.address()), Channel(whole.address())},
      .servers = 2,
      .deaf_channel = Channel(whole.address())};
  const RunResult result =
      LoadRunner(options).Run(connections, Requests(2), NoLimits());
  EXPECT_EQ(CountOf(result, absl::StatusCode::kOk), 2);
  for (const RequestRecord& record : result.records) {
    EXPECT_EQ(record.images_measured, 2u);
  }
  const auto first = broken.service().requests();
  ASSERT_EQ(first.size(), 1u);
  const auto requests = whole.service().requests();
  ASSERT_EQ(requests.size(), 2u);
  const auto rest = std::find_if(
      requests.begin(), requests.end(), [&](const v1::GenerateRequest& r) {
        return r.request_id() == first[0].request_id();
      });
  ASSERT_NE(rest, requests.end());
  EXPECT_EQ(rest->num_images(), 1u);
  EXPECT_EQ(rest->seed(), 41u);
  EXPECT_EQ(whole.service().prompt_keys()[0],
            broken.service().prompt_keys()[0]);
}

TEST(LoadRunnerTest, AStreamWithoutDoneIsAnError) {
  FakeServer server;
  server.service().AddScript(Refusal(grpc::Status::OK));
  const RunResult result = LoadRunner({}).Run(ConnectionsTo(server.address()),
                                              Requests(1), NoLimits());
  EXPECT_EQ(CountOf(result, absl::StatusCode::kInternal), 1);
}

TEST(LoadRunnerTest, BeginsNoMoreThanTheLimit) {
  FakeServer server;
  server.service().AddScript(Success(1));
  RunnerOptions options;
  options.concurrency = 3;
  const RunResult result =
      LoadRunner(options).Run(ConnectionsTo(server.address()), Requests(100),
                              RunLimits(0, std::nullopt, 7));
  EXPECT_EQ(result.begun, 7u);
  EXPECT_EQ(result.records.size(), 7u);
}

TEST(LoadRunnerTest, StopAheadOfTheRunBeginsNothing) {
  FakeServer server;
  LoadRunner runner({});
  runner.Stop();
  EXPECT_EQ(runner.Run(ConnectionsTo(server.address()), Requests(9), NoLimits())
                .begun,
            0u);
}

}  // namespace
}  // namespace ella
