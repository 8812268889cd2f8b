#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/flags.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

absl::StatusOr<Flags> Parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"--model", "dir"});
  return ParseFlags(arguments, [](const char*) { return nullptr; });
}

TEST(ConnectionFlagsTest, EachHasItsOption) {
  const absl::StatusOr<Flags> flags = Parse(
      {"--grpc-max-message-kb=101", "--grpc-max-streams=102",
       "--grpc-memory-mb=103", "--grpc-max-connections=111",
       "--grpc-max-connection-idle-seconds=104",
       "--grpc-max-connection-age-seconds=105",
       "--grpc-max-connection-age-grace-seconds=106",
       "--grpc-keepalive-seconds=107", "--grpc-keepalive-timeout-seconds=108",
       "--grpc-stall-seconds=109", "--reflection", "--max-prompt-bytes=110"});
  ASSERT_TRUE(flags.ok()) << flags.status();
  const ConnectionOptions& options = flags->options.connection;
  EXPECT_EQ(options.max_message_kb, 101);
  EXPECT_EQ(options.max_streams, 102);
  EXPECT_EQ(options.memory_mb, 103);
  EXPECT_EQ(options.max_connections, 111);
  EXPECT_EQ(options.max_idle_seconds, 104);
  EXPECT_EQ(options.max_age_seconds, 105);
  EXPECT_EQ(options.max_age_grace_seconds, 106);
  EXPECT_EQ(options.keepalive_seconds, 107);
  EXPECT_EQ(options.keepalive_timeout_seconds, 108);
  EXPECT_EQ(options.stall_seconds, 109);
  EXPECT_TRUE(options.reflection);
  EXPECT_EQ(flags->options.limits.max_prompt_bytes, 110);
  EXPECT_FALSE(Parse({})->options.connection.reflection);
}

TEST(ConnectionFlagsTest, WhatIsWrongIsNamed) {
  for (const char* flag :
       {"--grpc-max-message-kb", "--grpc-max-streams", "--grpc-memory-mb",
        "--grpc-max-connections", "--grpc-max-connection-idle-seconds",
        "--grpc-max-connection-age-seconds",
        "--grpc-max-connection-age-grace-seconds", "--grpc-keepalive-seconds",
        "--grpc-keepalive-timeout-seconds", "--grpc-stall-seconds",
        "--max-prompt-bytes"}) {
    for (const char* value : {"-1", "2000001"}) {
      const absl::Status status =
          Parse({std::string(flag) + "=" + value}).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_THAT(std::string(status.message()),
                  AllOf(HasSubstr(flag), HasSubstr(value)));
    }
  }
}

// A prompt that is allowed fits into a message, and so do two.
TEST(ConnectionFlagsTest, PromptsFitIntoAMessage) {
  EXPECT_TRUE(
      Parse({"--grpc-max-message-kb=2", "--max-prompt-bytes=1024"}).ok());
  EXPECT_THAT(
      std::string(Parse({"--grpc-max-message-kb=2", "--max-prompt-bytes=1025"})
                      .status()
                      .message()),
      HasSubstr("--max-prompt-bytes"));
}

}  // namespace
}  // namespace ella
