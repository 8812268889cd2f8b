#include "server/http/http_endpoint.h"

#include <httplib.h>

#include "gtest/gtest.h"

namespace ella {
namespace {

absl::StatusOr<std::unique_ptr<HttpEndpoint>> StartAt(const HostPort& listen) {
  return HttpEndpoint::Start(listen, [] { return "a_metric 1\n"; });
}

TEST(HttpEndpointTest, AnswersByState) {
  absl::StatusOr<std::unique_ptr<HttpEndpoint>> endpoint =
      StartAt({"127.0.0.1", 0});
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
  (*endpoint)->SetState(HttpEndpoint::State::kServing);
  EXPECT_EQ(get("/healthz"), 200);
  EXPECT_EQ(get("/startupz"), 200);
  EXPECT_EQ(get("/readyz"), 200);
  (*endpoint)->SetState(HttpEndpoint::State::kDraining);
  EXPECT_EQ(get("/healthz"), 200);
  EXPECT_EQ(get("/startupz"), 200);
  EXPECT_EQ(get("/readyz"), 503);
  EXPECT_EQ(get("/nothing"), 404);
}

TEST(HttpEndpointTest, AFailureIsToldForGood) {
  absl::StatusOr<std::unique_ptr<HttpEndpoint>> endpoint =
      StartAt({"127.0.0.1", 0});
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  httplib::Client client("127.0.0.1", (*endpoint)->address().port);
  EXPECT_EQ(client.Get("/readyz")->body, "loading\n");
  (*endpoint)->SetState(HttpEndpoint::State::kServing);
  (*endpoint)->SetFailure("the device has failed");
  for (const char* path : {"/healthz", "/readyz"}) {
    const httplib::Result result = client.Get(path);
    EXPECT_EQ(result->status, 503);
    EXPECT_EQ(result->body, "the device has failed\n");
  }
  (*endpoint)->SetState(HttpEndpoint::State::kDraining);
  EXPECT_EQ(client.Get("/healthz")->status, 503);
}

TEST(HttpEndpointTest, GivesTheMetricsPageWhileLoading) {
  absl::StatusOr<std::unique_ptr<HttpEndpoint>> endpoint =
      StartAt({"127.0.0.1", 0});
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  httplib::Client client("127.0.0.1", (*endpoint)->address().port);
  httplib::Result page = client.Get("/metrics");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  EXPECT_EQ(page->body, "a_metric 1\n");
  EXPECT_EQ(page->get_header_value("Content-Type"),
            "text/plain; version=0.0.4; charset=utf-8");
  // A scraper's kept connection would hold a thread that a probe needs.
  EXPECT_EQ(page->get_header_value("Connection"), "close");
}

TEST(HttpEndpointTest, APortInUseIsRefused) {
  absl::StatusOr<std::unique_ptr<HttpEndpoint>> first =
      StartAt({"127.0.0.1", 0});
  ASSERT_TRUE(first.ok());
  absl::Status second = StartAt((*first)->address()).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(second.message()).find((*first)->address().ToString()),
            std::string::npos);
}

}  // namespace
}  // namespace ella
