#include "server/http/http_endpoint.h"

#include <httplib.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/cluster/raw_http2.h"

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

TEST(HttpEndpointTest, OnlyLooksAreAnswered) {
  absl::StatusOr<std::unique_ptr<HttpEndpoint>> endpoint =
      StartAt({"127.0.0.1", 0});
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  httplib::Client client("127.0.0.1", (*endpoint)->address().port);
  const httplib::Result head = client.Head("/healthz");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(client.Post("/healthz")->status, 405);
  EXPECT_EQ(client.Delete("/metrics")->status, 405);
}

// What never ends is not kept: the connection is, after little of it.
TEST(HttpEndpointTest, EndlessRequestsAreEnded) {
  absl::StatusOr<std::unique_ptr<HttpEndpoint>> endpoint =
      StartAt({"127.0.0.1", 0});
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  const std::string address = (*endpoint)->address().ToString();
  const std::string endless(64 << 20, 'x');
  for (const char* begin :
       {"POST /metrics HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nX: ", "GET /"}) {
    RawConnection connection(address);
    ASSERT_TRUE(connection.ok());
    EXPECT_FALSE(
        connection.SendAll(absl::StrCat(begin, endless), absl::Seconds(30)))
        << begin;
  }
}

TEST(HttpEndpointTest, SlowRequestsHoldNoProbeUp) {
  absl::StatusOr<std::unique_ptr<HttpEndpoint>> endpoint =
      StartAt({"127.0.0.1", 0});
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  std::vector<RawConnection> slow;
  for (int i = 0; i < 64; ++i) {
    slow.emplace_back((*endpoint)->address().ToString());
    ASSERT_TRUE(slow.back().Send("GET /healthz HTTP/1.1\r\nX: "));
  }
  httplib::Client client("127.0.0.1", (*endpoint)->address().port);
  client.set_read_timeout(std::chrono::seconds(30));
  EXPECT_EQ(client.Get("/healthz")->status, 200);
  // Their bytes, however many, buy them no further time.
  const absl::Time end = absl::Now() + absl::Seconds(30);
  RawConnection& one = slow.back();
  while (absl::Now() < end && one.Send("x") &&
         !one.AwaitEnd(absl::Milliseconds(100))) {
  }
  EXPECT_LT(absl::Now(), end);
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
