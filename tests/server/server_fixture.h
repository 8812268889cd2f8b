#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "server/server.h"
#include "tests/fakes/fake_engine.h"
#include "tests/server/generate_call.h"

namespace ella {

// So many steps that a request ends only by being stopped.
inline constexpr int kEndless = 1000000000;

// A server with a fake engine, and a client's connection to it.
class ServerFixture : public ::testing::Test {
 protected:
  ServerFixture() {
    options_.models.emplace_back();
    options_.listen.grpc = "127.0.0.1:0";
    // One guided image at a time.
    options_.batch.max_batch_rows = 2;
    options_.batch.warm_up_time = absl::ZeroDuration();
    options_.limits.max_steps = kEndless;
  }

  // Ends the server before, where there is one.
  absl::Status TryStart(
      std::unique_ptr<FakeEngine> engine = std::make_unique<FakeEngine>(),
      EngineFactory create_engine = nullptr) {
    server_.reset();
    FakeEngine* const started = engine.get();
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(std::move(engine));
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(
        options_, std::move(engines), &metrics_, &logger_,
        [this](const absl::Status& why) {
          absl::MutexLock lock(&mutex_);
          lost_.push_back(why);
        },
        std::move(create_engine));
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    engine_ = started;
    channel_ = NewChannel();
    stub_ = v1::TextToImageService::NewStub(channel_);
    return absl::OkStatus();
  }
  void StartServer() {
    const absl::Status status = TryStart();
    ASSERT_TRUE(status.ok()) << status;
  }

  // A connection of its own.
  std::shared_ptr<grpc::Channel> NewChannel(
      grpc::ChannelArguments arguments = {}) {
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(server_->address().ToString(),
                                     grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  static v1::GenerateRequest Endless() {
    v1::GenerateRequest request;
    request.set_steps(kEndless);
    return request;
  }

  static grpc::Status Cancel(v1::TextToImageService::Stub* stub,
                             const std::string& id) {
    grpc::ClientContext context;
    v1::CancelRequest request;
    request.set_request_id(id);
    v1::CancelResponse response;
    return stub->Cancel(&context, request, &response);
  }

  // What the server told of lost devices.
  std::vector<absl::Status> lost() {
    absl::MutexLock lock(&mutex_);
    return lost_;
  }

  std::string Log() {
    logger_.Flush(absl::InfiniteDuration());
    absl::MutexLock lock(&mutex_);
    return log_;
  }

  void TearDown() override {
    if (engine_ != nullptr) engine_->Release();
  }

  ServerOptions options_;
  prometheus::Registry registry_;
  Metrics metrics_{&registry_, "test"};
  absl::Mutex mutex_;
  std::vector<absl::Status> lost_ ABSL_GUARDED_BY(mutex_);
  std::string log_ ABSL_GUARDED_BY(mutex_);
  Logger logger_{{},
                 [this](absl::string_view line) {
                   absl::MutexLock lock(&mutex_);
                   absl::StrAppend(&log_, line);
                 },
                 [] {}};
  std::unique_ptr<Server> server_;
  FakeEngine* engine_ = nullptr;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::TextToImageService::Stub> stub_;
};

}  // namespace ella
