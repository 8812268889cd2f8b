// What a server's log tells of its requests.
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/server/server_fixture.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class ServerLogTest : public ServerFixture {
 protected:
  static v1::GenerateRequest Secret(const std::string& id) {
    v1::GenerateRequest request;
    request.set_request_id(id);
    request.set_prompt("a secret");
    return request;
  }
};

TEST_F(ServerLogTest, EachRequestIsOneLineOfTheLog) {
  StartServer();
  EXPECT_TRUE(Call(stub_.get(), Secret("mine")).Finish().ok());
  EXPECT_EQ(
      Call(stub_.get(), Secret("evil\nrequest_id=mine")).Finish().error_code(),
      grpc::StatusCode::INVALID_ARGUMENT);
  v1::GenerateRequest failing = Secret("unlucky");
  failing.set_seed(5);
  engine_->FailStep(5, 2, absl::InternalError("NaN in the latents"));
  EXPECT_FALSE(Call(stub_.get(), failing).Finish().ok());

  const std::vector<std::string> lines =
      absl::StrSplit(Log(), '\n', absl::SkipEmpty());
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_THAT(
      lines[0],
      AllOf(HasSubstr(" INFO request request_id=mine caller=ipv4:127"),
            HasSubstr(" code=OK "), HasSubstr(" size=16x16 "),
            HasSubstr(" mean_batch_rows=2 "),
            ContainsRegex(" image_bytes=[1-9]"), Not(HasSubstr("trace_id"))));
  EXPECT_THAT(lines[1], HasSubstr("request_id=\"evil\\nrequest_id=mine\" "));
  EXPECT_THAT(lines[1], HasSubstr(" code=INVALID_ARGUMENT "));
  EXPECT_THAT(lines[2], AllOf(HasSubstr(" ERROR request request_id=unlucky "),
                              HasSubstr(" error=\"NaN in the latents\" ")));
  EXPECT_THAT(Log(), Not(HasSubstr("secret")));
}

TEST_F(ServerLogTest, ATraceIsCarriedToTheLogUnlessItIsMalformed) {
  StartServer();
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const auto generate = [&](std::vector<std::string> headers) {
    grpc::ClientContext context;
    for (const std::string& header : headers) {
      context.AddMetadata("traceparent", header);
    }
    v1::GenerateImagesResponse response;
    EXPECT_TRUE(stub_->GenerateImages(&context, {}, &response).ok());
    return Log();
  };
  const std::string good = "00-" + trace + "-00f067aa0ba902b7-01";
  EXPECT_THAT(generate({"nonsense"}), Not(HasSubstr("trace_id=")));
  EXPECT_THAT(generate({good, good}), Not(HasSubstr("trace_id=")));
  EXPECT_THAT(generate({good}), HasSubstr("trace_id=" + trace + " span_id="));
}

}  // namespace
}  // namespace ella
