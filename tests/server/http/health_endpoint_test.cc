#include "server/http/health_endpoint.h"

#include <httplib.h>

#include "gtest/gtest.h"

namespace ella {
namespace {

TEST(HealthEndpointTest, AnswersByState) {
  absl::StatusOr<std::unique_ptr<HealthEndpoint>> endpoint =
      HealthEndpoint::Start({"127.0.0.1", 0});
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  ASSERT_GT((*endpoint)->address().port, 0);
  httplib::Client client("127.0.0.1", (*endpoint)->address().port);
  auto get = [&](const char* path) {
    httplib::Result result = client.Get(path);
    return result ? result->status : 0;
  };

  EXPECT_EQ(get("/healthz"), 200);
  EXPECT_EQ(get("/startupz"), 503);
  EXPECT_EQ(get("/readyz"), 503);
  (*endpoint)->SetState(HealthEndpoint::State::kServing);
  EXPECT_EQ(get("/healthz"), 200);
  EXPECT_EQ(get("/startupz"), 200);
  EXPECT_EQ(get("/readyz"), 200);
  (*endpoint)->SetState(HealthEndpoint::State::kDraining);
  EXPECT_EQ(get("/healthz"), 200);
  EXPECT_EQ(get("/startupz"), 200);
  EXPECT_EQ(get("/readyz"), 503);
  EXPECT_EQ(get("/nothing"), 404);
}

TEST(HealthEndpointTest, APortInUseIsRefused) {
  absl::StatusOr<std::unique_ptr<HealthEndpoint>> first =
      HealthEndpoint::Start({"127.0.0.1", 0});
  ASSERT_TRUE(first.ok());
  absl::Status second = HealthEndpoint::Start((*first)->address()).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(second.message()).find((*first)->address().ToString()),
            std::string::npos);
}

}  // namespace
}  // namespace ella
