#include "client/retry_policy.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "client/rpc_status.h"
#include "tests/client/fake_service.h"

namespace ella {
namespace {

constexpr absl::Duration kAmple = absl::Minutes(10);

RetryOptions Options() {
  RetryOptions options;
  options.initial_delay = absl::Milliseconds(100);
  options.max_delay = absl::Milliseconds(500);
  options.factor = 2;
  options.jitter = 0.5;
  return options;
}

// 0.5 leaves a delay as it is, 0 makes it half.
RetryPolicy Policy(double random) {
  return RetryPolicy(Options(), [random] { return random; });
}

absl::Status WithRetryInfo(grpc::StatusCode code, double seconds) {
  return FromGrpcStatus(RetryStatus(code, seconds));
}

TEST(RetryPolicyTest, BacksOffUpToItsLimit) {
  RetryPolicy policy = Policy(0.5);
  std::vector<double> delays;
  for (int i = 0; i < 5; ++i) {
    delays.push_back(absl::ToDoubleMilliseconds(
        *policy.NextDelay(absl::UnavailableError("gone"), kAmple)));
  }
  EXPECT_EQ(delays, (std::vector<double>{100, 200, 400, 500, 500}));
}

TEST(RetryPolicyTest, JitterIsAShareOfTheDelay) {
  EXPECT_EQ(Policy(0).NextDelay(absl::UnavailableError(""), kAmple),
            absl::Milliseconds(50));
  EXPECT_EQ(Policy(1).NextDelay(absl::UnavailableError(""), kAmple),
            absl::Milliseconds(150));
}

TEST(RetryPolicyTest, WaitsAsRetryInfoSays) {
  RetryPolicy policy = Policy(0);
  for (const grpc::StatusCode code :
       {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::RESOURCE_EXHAUSTED}) {
    EXPECT_EQ(policy.NextDelay(WithRetryInfo(code, 7.25), kAmple),
              absl::Seconds(7.25));
  }
  // Not in a tight loop, though.
  const absl::Status now = WithRetryInfo(grpc::StatusCode::UNAVAILABLE, 0);
  EXPECT_EQ(policy.NextDelay(now, kAmple), absl::Milliseconds(10));
  const absl::Status past = WithRetryInfo(grpc::StatusCode::UNAVAILABLE, -5);
  EXPECT_EQ(policy.NextDelay(past, kAmple), absl::Milliseconds(10));
}

TEST(RetryPolicyTest, OtherErrorsAreFinal) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status error(static_cast<absl::StatusCode>(code), "error");
    const bool again =
        absl::IsUnavailable(error) || absl::IsResourceExhausted(error);
    EXPECT_EQ(Policy(0.5).NextDelay(error, kAmple).has_value(), again) << error;
  }
  const absl::Status bad = WithRetryInfo(grpc::StatusCode::INVALID_ARGUMENT, 1);
  EXPECT_EQ(Policy(0.5).NextDelay(bad, kAmple), std::nullopt);
}

TEST(RetryPolicyTest, TheOwnFormerTryMayStillExist) {
  const absl::Status exists = absl::AlreadyExistsError("id");
  RetryPolicy policy = Policy(0.5);
  EXPECT_EQ(policy.NextDelay(exists, kAmple), std::nullopt);
  policy.NextDelay(absl::UnavailableError("broken pipe"), kAmple);
  EXPECT_TRUE(policy.NextDelay(exists, kAmple).has_value());
}

TEST(RetryPolicyTest, AllServersAreTriedBeforeAWait) {
  RetryOptions options = Options();
  options.servers = 3;
  RetryPolicy policy(options, [] { return 0.5; });
  const absl::Status gone = WithRetryInfo(grpc::StatusCode::UNAVAILABLE, 7);
  EXPECT_EQ(policy.server(), 0u);
  EXPECT_EQ(policy.NextDelay(gone, kAmple), absl::ZeroDuration());
  EXPECT_EQ(policy.server(), 1u);
  EXPECT_EQ(policy.NextDelay(gone, kAmple), absl::ZeroDuration());
  EXPECT_EQ(policy.server(), 2u);
  EXPECT_EQ(policy.NextDelay(gone, kAmple), absl::Seconds(7));
  EXPECT_EQ(policy.server(), 0u);
  // One that is busy says when, and stays the one to ask.
  EXPECT_EQ(policy.NextDelay(
                WithRetryInfo(grpc::StatusCode::RESOURCE_EXHAUSTED, 2), kAmple),
            absl::Seconds(2));
  EXPECT_EQ(policy.server(), 0u);
  EXPECT_EQ(policy.NextDelay(gone, absl::ZeroDuration()), std::nullopt);
}

TEST(RetryPolicyTest, DoesNotWaitForTheDeadline) {
  EXPECT_EQ(Policy(0.5).NextDelay(absl::UnavailableError(""),
                                  absl::Milliseconds(100)),
            std::nullopt);
  EXPECT_EQ(Policy(0.5).NextDelay(absl::UnavailableError(""),
                                  absl::Milliseconds(101)),
            absl::Milliseconds(100));
}

TEST(RpcStatusTest, KeepsCodeMessageAndDetails) {
  const absl::Status status = FromGrpcStatus(BadRequestStatus(
      "2 fields are wrong", {{"steps", "too few"}, {"width", "too odd"}}));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "2 fields are wrong");
  const std::vector<BadField> fields = BadFields(status);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].field, "steps");
  EXPECT_EQ(fields[1].description, "too odd");
  EXPECT_EQ(RetryDelay(status), std::nullopt);
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST(RpcStatusTest, BadDetailsAreLeftOut) {
  const absl::Status status = FromGrpcStatus(grpc::Status(
      grpc::StatusCode::RESOURCE_EXHAUSTED, "full", "\xff\xff no protobuf"));
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_TRUE(BadFields(status).empty());
  EXPECT_EQ(RetryDelay(status), std::nullopt);
}

}  // namespace
}  // namespace ella
