#include "server/rpc/listener.h"

#include <memory>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/server.h"
#include "gtest/gtest.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A server without services, and clients that connect to it.
class ListenerTest : public ::testing::Test {
 protected:
  void Serve(const HostPort& address, int max_connections) {
    auto listener = Listener::Bind(address, max_connections);
    ASSERT_TRUE(listener.ok()) << listener.status();
    grpc::ServerBuilder builder;
    nothing_ = std::make_unique<grpc::CallbackGenericService>();
    builder.RegisterCallbackGenericService(nothing_.get());
    (*listener)->AddTo(&builder, grpc::InsecureServerCredentials());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    listener_ = *std::move(listener);
    listener_->Start([](const std::string&) {});
  }

  std::shared_ptr<grpc::Channel> NewChannel() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
    return grpc::CreateCustomChannel(listener_->address().ToString(),
                                     grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  static bool Connects(grpc::Channel& channel,
                       absl::Duration limit = absl::Seconds(30)) {
    return channel.WaitForConnected(absl::ToChronoTime(absl::Now() + limit));
  }

  std::unique_ptr<grpc::CallbackGenericService> nothing_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, TakesConnectionsForGrpc) {
  for (const char* host : {"127.0.0.1", "0.0.0.0", "localhost"}) {
    Serve({host, 0}, 100);
    EXPECT_GT(listener_->address().port, 0);
    EXPECT_TRUE(Connects(*NewChannel())) << host;
    listener_.reset();
    server_.reset();
  }
}

TEST_F(ListenerTest, ClosesThoseOverTheLimitUntilThereIsRoom) {
  // Each channel of this process takes a file for its own end, too.
  Serve({"127.0.0.1", 0}, 12);
  std::vector<std::shared_ptr<grpc::Channel>> held;
  while (held.size() < 20) {
    held.push_back(NewChannel());
    if (!Connects(*held.back(), absl::Milliseconds(500))) break;
  }
  EXPECT_GT(held.size(), 1);
  EXPECT_LT(held.size(), 13);
  const std::shared_ptr<grpc::Channel> last = held.back();
  held.clear();
  EXPECT_TRUE(Connects(*last));
}

TEST_F(ListenerTest, AnAddressThatCantBeHadIsNamed) {
  Serve({"127.0.0.1", 0}, 100);
  const absl::Status taken = Listener::Bind(listener_->address(), 1).status();
  EXPECT_EQ(taken.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(taken.message()),
      AllOf(HasSubstr(listener_->address().ToString()), HasSubstr("in use")));
  EXPECT_THAT(
      std::string(
          Listener::Bind({"no-such-host.invalid", 1}, 1).status().message()),
      HasSubstr("no-such-host.invalid:1"));
  EXPECT_FALSE(Listener::Bind({"192.0.2.1", 1}, 1).ok());
}

}  // namespace
}  // namespace ella
