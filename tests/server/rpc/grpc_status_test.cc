#include "server/rpc/grpc_status.h"

#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "server/scheduling/retry_delay.h"

namespace ella {
namespace {

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

TEST(ToGrpcStatusTest, KeepsCodeAndMessage) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  const grpc::Status status = ToGrpcStatus(absl::NotFoundError("no model x"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no model x");
  EXPECT_EQ(status.error_details(), "");
}

TEST(ToGrpcStatusTest, CarriesBadFields) {
  google::rpc::BadRequest bad;
  for (const char* field : {"width", "steps"}) {
    google::rpc::BadRequest::FieldViolation* violation =
        bad.add_field_violations();
    violation->set_field(field);
    violation->set_description(std::string(field) + " is wrong");
  }
  const grpc::Status status = ToGrpcStatus(BadRequestStatus(bad));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "width is wrong; steps is wrong");
  const google::rpc::Status details = DetailsOf(status);
  EXPECT_EQ(details.code(), 3);
  EXPECT_EQ(details.message(), status.error_message());
  ASSERT_EQ(details.details_size(), 1);
  google::rpc::BadRequest read;
  ASSERT_TRUE(details.details(0).UnpackTo(&read));
  EXPECT_EQ(read.field_violations(1).field(), "steps");
}

TEST(ToGrpcStatusTest, CarriesTheRetryDelay) {
  absl::Status full = absl::ResourceExhaustedError("full");
  SetRetryDelay(absl::Milliseconds(2500), &full);
  const google::rpc::Status details = DetailsOf(ToGrpcStatus(full));
  ASSERT_EQ(details.details_size(), 1);
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(details.details(0).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 2);
  EXPECT_EQ(retry.retry_delay().nanos(), 500000000);
}

}  // namespace
}  // namespace ella
