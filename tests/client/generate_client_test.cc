#include "client/generate_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/prompt_key.h"
#include "client/server_access.h"
#include "tests/client/channels_to.h"
#include "tests/client/fake_service.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class GenerateClientTest : public ::testing::Test {
 protected:
  // A client that doesn't wait, but notes how long it would have.
  std::unique_ptr<GenerateClient> Client(
      const std::vector<std::string>& addresses) {
    ClientOptions options;
    options.retry.jitter = 0;
    options.cancellation = &cancellation_;
    options.sleep = [this](absl::Duration delay) { sleeps_.push_back(delay); };
    options.on_retry = [this](const std::string&, const absl::Status& error,
                              absl::Duration) {
      retried_.push_back(error.code());
    };
    return std::make_unique<GenerateClient>(ChannelsTo(addresses), options);
  }

  absl::Status Generate(const v1::GenerateRequest& request = {},
                        absl::Duration timeout = absl::Minutes(1)) {
    return Client(addresses_)
        ->Generate(request, absl::Now() + timeout,
                   [this](const v1::GenerateResponse& event) {
                     events_.push_back(event.event_case());
                     return on_event_ ? on_event_(event) : absl::OkStatus();
                   });
  }

  FakeServer server_;
  std::vector<std::string> addresses_ = {server_.address()};
  Cancellation cancellation_;
  GenerateClient::OnEvent on_event_;
  std::vector<absl::Duration> sleeps_;
  std::vector<absl::StatusCode> retried_;
  std::vector<int> events_;
};

TEST_F(GenerateClientTest, HandsOnEachEvent) {
  server_.service().AddScript(Success(1));
  EXPECT_TRUE(Generate().ok());
  EXPECT_THAT(
      events_,
      ElementsAre(v1::GenerateResponse::kQueued, v1::GenerateResponse::kStarted,
                  v1::GenerateResponse::kProgress,
                  v1::GenerateResponse::kProgress, v1::GenerateResponse::kImage,
                  v1::GenerateResponse::kDone));
  EXPECT_TRUE(sleeps_.empty());
}

TEST_F(GenerateClientTest, RetriesUnderOneRequestId) {
  server_.service().AddScript(
      Refusal(RetryStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, 1.5)));
  server_.service().AddScript(
      Refusal(grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining")));
  server_.service().AddScript(Success(1));
  EXPECT_TRUE(Generate().ok());
  EXPECT_THAT(sleeps_,
              ElementsAre(absl::Seconds(1.5), RetryOptions().initial_delay));
  EXPECT_THAT(retried_, ElementsAre(absl::StatusCode::kResourceExhausted,
                                    absl::StatusCode::kUnavailable));
  const std::vector<v1::GenerateRequest> requests =
      server_.service().requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_FALSE(requests[0].request_id().empty());
  EXPECT_EQ(requests[0].request_id(), requests[1].request_id());
  EXPECT_EQ(requests[0].request_id(), requests[2].request_id());
}

TEST_F(GenerateClientTest, KeepsTheGivenRequestId) {
  server_.service().AddScript(Success(1));
  v1::GenerateRequest request;
  request.set_request_id("mine");
  EXPECT_TRUE(Generate(request).ok());
  EXPECT_EQ(server_.service().requests()[0].request_id(), "mine");
}

TEST_F(GenerateClientTest, RetriesAWorkThatBrokeOff) {
  server_.service().AddScript(
      [](const v1::GenerateRequest&, FakeService::Writer& writer) {
        writer.Write(QueuedEvent("id"));
        writer.Write(ProgressEvent(1, 2));
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping");
      });
  server_.service().AddScript(Success(1));
  EXPECT_TRUE(Generate().ok());
  EXPECT_EQ(sleeps_.size(), 1u);
}

TEST_F(GenerateClientTest, RetriesAStreamThatAProxyHasReset) {
  server_.service().AddScript(
      Refusal(grpc::Status(grpc::StatusCode::INTERNAL,
                           "Received RST_STREAM with error code 2")));
  server_.service().AddScript(
      Refusal(grpc::Status(grpc::StatusCode::INTERNAL, "NaN")));
  EXPECT_EQ(Generate().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(retried_, ElementsAre(absl::StatusCode::kUnavailable));
}

// What gRPC makes of a call that meets a server on its way out.
TEST_F(GenerateClientTest, RetriesACallThatWasEndedBeforeItWasAccepted) {
  server_.service().AddScript(
      Refusal(grpc::Status(grpc::StatusCode::CANCELLED, "CANCELLED")));
  server_.service().AddScript(Success(1));
  EXPECT_TRUE(Generate().ok());
  EXPECT_THAT(retried_, ElementsAre(absl::StatusCode::kUnavailable));
}

TEST_F(GenerateClientTest, NoRetryOfWorkThatWasCancelled) {
  server_.service().AddScript(
      [](const v1::GenerateRequest&, FakeService::Writer& writer) {
        writer.Write(QueuedEvent("id"));
        return grpc::Status(grpc::StatusCode::CANCELLED, "as asked");
      });
  EXPECT_TRUE(absl::IsCancelled(Generate()));
  EXPECT_TRUE(sleeps_.empty());
}

TEST_F(GenerateClientTest, AllImagesAreEnough) {
  server_.service().AddScript(
      [](const v1::GenerateRequest&, FakeService::Writer& writer) {
        writer.Write(ImageEvent(0, 1, "png"));
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "killed");
      });
  EXPECT_TRUE(Generate().ok());
  EXPECT_EQ(server_.service().requests().size(), 1u);
}

TEST_F(GenerateClientTest, AsksForTheImagesThatAreMissing) {
  server_.service().AddScript(
      [](const v1::GenerateRequest&, FakeService::Writer& writer) {
        writer.Write(ImageEvent(0, 0xffffffff, "image 0"));
        writer.Write(ImageEvent(2, 1, "image 2"));
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "killed");
      });
  server_.service().AddScript(
      [](const v1::GenerateRequest&, FakeService::Writer& writer) {
        writer.Write(ProgressEvent(1, 2));
        writer.Write(ImageEvent(0, 0, "image 1"));
        writer.Write(ImageEvent(1, 1, "image 2 again"));
        writer.Write(ImageEvent(2, 2, "image 3"));
        writer.Write(DoneEvent());
        return grpc::Status::OK;
      });
  std::vector<std::string> images;
  on_event_ = [&](const v1::GenerateResponse& event) {
    if (event.has_progress()) {
      EXPECT_EQ(event.progress().image_index(), 1u);
    }
    if (!event.has_image()) return absl::OkStatus();
    images.push_back(event.image().image().data());
    EXPECT_EQ(event.image().seed(), 0xffffffff + event.image().image_index());
    return absl::OkStatus();
  };
  v1::GenerateRequest request;
  request.set_num_images(4);
  EXPECT_TRUE(Generate(request).ok());
  EXPECT_THAT(images, ElementsAre("image 0", "image 2", "image 1", "image 3"));
  const v1::GenerateRequest rest = server_.service().requests().at(1);
  EXPECT_EQ(rest.seed(), 0u);
  EXPECT_EQ(rest.num_images(), 3u);
}

TEST_F(GenerateClientTest, AnotherServerIsTriedAtOnceUnderTheSameId) {
  FakeServer second, third;
  addresses_ = {server_.address(), second.address(), third.address()};
  server_.service().AddScript(
      Refusal(RetryStatus(grpc::StatusCode::UNAVAILABLE, 100)));
  second.service().AddScript(
      [](const v1::GenerateRequest&, FakeService::Writer& writer) {
        writer.Write(StartedEvent());
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "killed");
      });
  third.service().AddScript(Success(1));
  EXPECT_TRUE(Generate().ok());
  EXPECT_TRUE(sleeps_.empty());
  EXPECT_EQ(retried_.size(), 2u);
  ASSERT_EQ(third.service().requests().size(), 1u);
  EXPECT_EQ(third.service().requests()[0].request_id(),
            server_.service().requests().at(0).request_id());
}

TEST_F(GenerateClientTest, WaitsOnceAllServersAreUnavailable) {
  std::string gone;
  {
    FakeServer server;
    gone = server.address();
  }
  addresses_ = {server_.address(), gone};
  server_.service().AddScript(
      Refusal(grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining")));
  server_.service().AddScript(Success(1));
  EXPECT_TRUE(Generate().ok());
  EXPECT_THAT(sleeps_, ElementsAre(RetryOptions().initial_delay));
}

TEST_F(GenerateClientTest, StaysWithTheServerThatServed) {
  FakeServer second;
  server_.service().AddScript(
      Refusal(grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining")));
  second.service().AddScript(Success(1));
  const auto client = Client({server_.address(), second.address()});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(client
                    ->Generate({}, absl::Now() + absl::Minutes(1),
                               [](const auto&) { return absl::OkStatus(); })
                    .ok());
  }
  EXPECT_EQ(server_.service().requests().size(), 1u);
  EXPECT_EQ(second.service().requests().size(), 3u);
}

TEST_F(GenerateClientTest, CancelsWithWhicheverServerHasTheRequest) {
  FakeServer second;
  server_.service().set_cancel_status(
      grpc::Status(grpc::StatusCode::NOT_FOUND, "no such request"));
  const auto client = Client({server_.address(), second.address()});
  EXPECT_TRUE(client->Cancel("mine", absl::InfiniteFuture()).ok());
  EXPECT_THAT(second.service().cancelled(), ElementsAre("mine"));
  second.service().set_cancel_status(
      grpc::Status(grpc::StatusCode::NOT_FOUND, "no such request"));
  EXPECT_TRUE(absl::IsNotFound(client->Cancel("mine", absl::InfiniteFuture())));
}

TEST_F(GenerateClientTest, EqualPromptsHaveOneKey) {
  server_.service().AddScript(Success(1));
  v1::GenerateRequest request;
  request.set_prompt("a fox");
  EXPECT_TRUE(Generate(request).ok());
  request.set_seed(5);
  request.set_steps(9);
  EXPECT_TRUE(Generate(request).ok());
  // Balancers hash it: it must not change from version to version.
  EXPECT_THAT(server_.service().prompt_keys(),
              ElementsAre(PromptKey(request), "5585ea1318ecd27a"));
  std::set<std::string> keys = {PromptKey(request)};
  request.set_prompt("a fo");
  request.set_negative_prompt("x");
  keys.insert(PromptKey(request));
  request.set_negative_prompt("");
  keys.insert(PromptKey(request));
  request.set_model("m");
  keys.insert(PromptKey(request));
  EXPECT_EQ(keys.size(), 4u);
}

TEST_F(GenerateClientTest, NoRetryOfWorkThatNeedsTooMuchMemory) {
  server_.service().AddScript(
      [](const v1::GenerateRequest&, FakeService::Writer& writer) {
        writer.Write(StartedEvent());
        return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "memory");
      });
  EXPECT_TRUE(absl::IsResourceExhausted(Generate()));
  EXPECT_EQ(server_.service().requests().size(), 1u);
}

TEST_F(GenerateClientTest, GivesUpWhereTheWaitTakesTooLong) {
  server_.service().AddScript(
      Refusal(RetryStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, 3600)));
  EXPECT_TRUE(absl::IsResourceExhausted(Generate()));
  EXPECT_TRUE(sleeps_.empty());
}

TEST_F(GenerateClientTest, TheDeadlineIsTheServersToo) {
  absl::Notification stopped;
  server_.service().AddScript(
      [&](const v1::GenerateRequest&, FakeService::Writer& writer) {
        while (writer.Write(ProgressEvent(1, 2))) {
        }
        stopped.Notify();
        return grpc::Status::OK;
      });
  // Long enough to reach a busy server.
  EXPECT_TRUE(absl::IsDeadlineExceeded(Generate({}, absl::Seconds(2))));
  stopped.WaitForNotification();
}

TEST_F(GenerateClientTest, AFailedCallbackEndsTheCallOnTheServer) {
  absl::Notification stopped;
  server_.service().AddScript(
      [&](const v1::GenerateRequest&, FakeService::Writer& writer) {
        while (writer.Write(ProgressEvent(1, 2))) {
        }
        stopped.Notify();
        return grpc::Status::OK;
      });
  // Not to be mistaken for the server's own, which would be tried again.
  on_event_ = [](const v1::GenerateResponse&) {
    return absl::ResourceExhaustedError("disk full");
  };
  EXPECT_EQ(Generate(), absl::ResourceExhaustedError("disk full"));
  EXPECT_EQ(events_.size(), 1u);
  stopped.WaitForNotification();
  EXPECT_EQ(server_.service().requests().size(), 1u);
}

TEST_F(GenerateClientTest, CancelEndsTheCallOnTheServer) {
  absl::Notification stopped;
  server_.service().AddScript(
      [&](const v1::GenerateRequest&, FakeService::Writer& writer) {
        while (writer.Write(ProgressEvent(1, 2))) {
        }
        stopped.Notify();
        return grpc::Status::OK;
      });
  on_event_ = [this](const v1::GenerateResponse&) {
    cancellation_.Cancel();
    return absl::OkStatus();
  };
  EXPECT_TRUE(absl::IsCancelled(Generate()));
  stopped.WaitForNotification();
}

TEST_F(GenerateClientTest, CancelEndsAWaitForAnotherTry) {
  server_.service().AddScript(
      Refusal(RetryStatus(grpc::StatusCode::UNAVAILABLE, 3000)));
  ClientOptions options;
  options.cancellation = &cancellation_;
  absl::Notification waiting;
  options.on_retry = [&](const std::string&, const absl::Status&,
                         absl::Duration) { waiting.Notify(); };
  GenerateClient client(ChannelsTo(addresses_), options);
  std::thread canceller([&] {
    waiting.WaitForNotification();
    cancellation_.Cancel();
  });
  EXPECT_TRUE(absl::IsCancelled(
      client.Generate({}, absl::Now() + absl::Hours(1),
                      [](const auto&) { return absl::OkStatus(); })));
  canceller.join();
}

TEST_F(GenerateClientTest, AStreamWithoutDoneIsAnError) {
  server_.service().AddScript(Refusal(grpc::Status::OK));
  EXPECT_TRUE(absl::IsInternal(Generate()));
}

TEST_F(GenerateClientTest, RefusesWhatGrpcWouldNotCarry) {
  v1::GenerateRequest request;
  request.set_prompt(std::string(256 << 10, 'p'));
  const absl::Status status = Generate(request);
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("262144"));
  EXPECT_TRUE(server_.service().requests().empty());
}

TEST_F(GenerateClientTest, AServerThatIsNotThereIsTriedAgain) {
  std::string address;
  {
    FakeServer gone;
    address = gone.address();
  }
  absl::Status status;
  auto client = Client({address});
  status = client->Generate({}, absl::Now() + absl::Seconds(2),
                            [](const auto&) { return absl::OkStatus(); });
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(sleeps_.empty());
}

TEST_F(GenerateClientTest, CancelsAndLists) {
  auto client = Client(addresses_);
  EXPECT_TRUE(client->Cancel("mine", absl::InfiniteFuture()).ok());
  EXPECT_THAT(server_.service().cancelled(), ElementsAre("mine"));
  const auto models = client->ListModels(absl::InfiniteFuture());
  ASSERT_TRUE(models.ok());
  EXPECT_EQ(models->models(0).name(), "tiny");
}

}  // namespace
}  // namespace ella
