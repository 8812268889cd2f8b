// What clients may hold of a server by their requests and connections.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "tests/server/server_fixture.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class LimitsTest : public ServerFixture {
 protected:
  grpc::Status Generate(const v1::GenerateRequest& request = {}) {
    return Call(stub_.get(), request).Finish();
  }

  // Returns when the server has told the client to use another connection.
  void AwaitGoAway() {
    EXPECT_TRUE(channel_->WaitForStateChange(
        GRPC_CHANNEL_READY,
        absl::ToChronoTime(absl::Now() + absl::Seconds(60))));
  }
};

TEST_F(LimitsTest, ALargerMessageIsRefused) {
  options_.connection.max_message_kb = 16;
  StartServer();
  v1::GenerateRequest request;
  request.set_prompt(std::string(16 * 1024, 'p'));
  const grpc::Status refused = Generate(request);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("16384"));
  EXPECT_TRUE(Generate().ok());
}

TEST_F(LimitsTest, ALongerPromptIsRefusedAndNamed) {
  options_.limits.max_prompt_bytes = 100;
  StartServer();
  for (const bool negative : {false, true}) {
    v1::GenerateRequest request;
    // Which would be cut to 77 tokens.
    request.set_conditioning(v1::CONDITIONING_CLIP);
    std::string* text =
        negative ? request.mutable_negative_prompt() : request.mutable_prompt();
    *text = std::string(100, 'p');
    EXPECT_TRUE(Generate(request).ok());
    text->push_back('p');
    const grpc::Status refused = Generate(request);
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(refused.error_message(),
                AllOf(HasSubstr(negative ? "negative_prompt must" : "prompt"),
                      HasSubstr("100 bytes, had 101")));
  }
}

TEST_F(LimitsTest, FurtherCallsOfAConnectionWaitInTheirClient) {
  options_.connection.max_streams = 2;
  StartServer();
  engine_->Block();
  Call running(stub_.get());
  running.ReadUntil("started");
  Call waiting(stub_.get());
  EXPECT_EQ(waiting.Read(), "queued 1");
  Call third(stub_.get(), {}, absl::Milliseconds(300));
  EXPECT_EQ(third.Read(), "");
  EXPECT_EQ(third.Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // Others have connections of their own.
  const auto other = v1::TextToImageService::NewStub(NewChannel());
  Call fourth(other.get());
  EXPECT_EQ(fourth.Read(), "queued 2");
  engine_->Release();
  EXPECT_TRUE(Generate().ok());
}

TEST_F(LimitsTest, ACallOutlivesTheAgeOfItsConnection) {
  options_.connection.max_age_seconds = 1;
  StartServer();
  engine_->Block();
  Call running(stub_.get());
  running.ReadUntil("started");
  AwaitGoAway();
  engine_->Release();
  EXPECT_TRUE(running.Finish().ok());
  EXPECT_TRUE(Generate().ok());
}

TEST_F(LimitsTest, AnIdleConnectionIsClosed) {
  options_.connection.max_idle_seconds = 1;
  StartServer();
  EXPECT_TRUE(Generate().ok());
  AwaitGoAway();
  EXPECT_TRUE(Generate().ok());
}

TEST_F(LimitsTest, ASilentClientIsGivenUp) {
  options_.connection.keepalive_seconds = 1;
  options_.connection.keepalive_timeout_seconds = 1;
  StartServer();
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(server_->address().port));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  ASSERT_EQ(
      connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
      0);
  // The preface and empty settings; no ping gets its answer.
  const std::string hello("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
                          33);
  ASSERT_EQ(send(client, hello.data(), hello.size(), 0), 33);
  char buffer[4096];
  ssize_t count = 0;
  do {
    count = recv(client, buffer, sizeof(buffer), 0);
  } while (count > 0);
  EXPECT_LE(count, 0);  // and not forever
  close(client);
  EXPECT_TRUE(Generate().ok());
}

}  // namespace
}  // namespace ella
