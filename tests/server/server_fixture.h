#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "server/server.h"
#include "tests/fakes/fake_engine.h"
#include "tests/server/generate_call.h"

namespace ella {

// A server with a fake engine, and a client's connection to it.
class ServerFixture : public ::testing::Test {
 protected:
  ServerFixture() {
    options_.models.emplace_back();
    options_.listen.grpc = "127.0.0.1:0";
    // One guided image at a time.
    options_.batch.max_batch_rows = 2;
    options_.batch.warm_up_time = absl::ZeroDuration();
  }

  void StartServer() {
    auto engine = std::make_unique<FakeEngine>();
    engine_ = engine.get();
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(std::move(engine));
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Start(options_, std::move(engines), &metrics_, &logger_,
                      [this](const absl::Status& why) {
                        absl::MutexLock lock(&mutex_);
                        lost_.push_back(why);
                      });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = NewChannel();
    stub_ = v1::TextToImageService::NewStub(channel_);
  }

  // A connection of its own.
  std::shared_ptr<grpc::Channel> NewChannel(
      grpc::ChannelArguments arguments = {}) {
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(server_->address().ToString(),
                                     grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  // What the server told of lost devices.
  std::vector<absl::Status> lost() {
    absl::MutexLock lock(&mutex_);
    return lost_;
  }

  void TearDown() override {
    if (engine_ != nullptr) engine_->Release();
  }

  ServerOptions options_;
  prometheus::Registry registry_;
  Metrics metrics_{&registry_, "test"};
  Logger logger_{{}, [](absl::string_view) {}, [] {}};
  absl::Mutex mutex_;
  std::vector<absl::Status> lost_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Server> server_;
  FakeEngine* engine_ = nullptr;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::TextToImageService::Stub> stub_;
};

}  // namespace ella
