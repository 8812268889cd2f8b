#include "server/rpc/request_log.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The line that the log has of a request.
std::string LineOf(const RequestSummary& request, const absl::Status& status,
                   bool with_prompts = false) {
  std::string line;
  {
    Logger logger(
        {}, [&](absl::string_view text) { absl::StrAppend(&line, text); },
        [] {});
    RequestLog(&logger, with_prompts).Write(request, status);
  }
  return line;
}

RequestSummary Completed() {
  RequestSummary request;
  request.id = "mine";
  request.caller = "team-a";
  request.priority = 3;
  request.params.emplace();
  request.params->model = "sd";
  request.params->prompt = "a cat";
  request.params->negative_prompt = "a dog";
  request.params->width = 256;
  request.params->guidance_scale = 7.1F;
  request.params->seed = 4294967295u;
  request.duration = absl::Milliseconds(3500);
  request.done.emplace();
  request.done->queue_time = absl::Milliseconds(5);
  request.done->denoise_time = absl::Microseconds(2500001);
  request.done->text_cache_hits = 1;
  request.done->connector_cache_hits = 50;
  request.done->mean_batch_rows = 2.5;
  request.png_time = absl::Milliseconds(20);
  request.image_bytes = 12345;
  return request;
}

TEST(RequestLogTest, OneLineTellsOfACompletedRequest) {
  EXPECT_THAT(
      LineOf(Completed(), absl::OkStatus()),
      HasSubstr(
          " INFO request request_id=mine caller=team-a code=OK priority=3 "
          "model=sd size=256x512 steps=25 images=1 conditioning=ella "
          "sampler=dpmpp_2m guidance_scale=7.1 seed=4294967295 "
          "duration_seconds=3.5 queue_seconds=0.005 text_seconds=0 "
          "denoise_seconds=2.5 decode_seconds=0 png_seconds=0.02 "
          "text_cache_hits=1 connector_cache_hits=50 mean_batch_rows=2.5 "
          "image_bytes=12345\n"));
}

TEST(RequestLogTest, PromptsAreThereOnlyWhereAskedFor) {
  EXPECT_THAT(LineOf(Completed(), absl::OkStatus()), Not(HasSubstr("cat")));
  EXPECT_THAT(LineOf(Completed(), absl::OkStatus(), /*with_prompts=*/true),
              HasSubstr("prompt=\"a cat\" negative_prompt=\"a dog\"\n"));
  RequestSummary request = Completed();
  request.params->prompt = std::string(1 << 20, 'x');
  EXPECT_LT(LineOf(request, absl::OkStatus(), /*with_prompts=*/true).size(),
            3000u);
}

TEST(RequestLogTest, AFailureHasItsCodeErrorAndSeverity) {
  RequestSummary refused;
  refused.id = std::string(100000, 'x');
  refused.caller = "ipv4:127.0.0.1";
  EXPECT_THAT(LineOf(refused, absl::NotFoundError("no such model")),
              AllOf(HasSubstr(" INFO "), HasSubstr(" code=NOT_FOUND "),
                    HasSubstr(" error=\"no such model\" "),
                    Not(HasSubstr("steps=")), Not(HasSubstr("trace_id"))));
  EXPECT_LT(LineOf(refused, absl::OkStatus()).size(), 400u);
  EXPECT_THAT(LineOf(refused, absl::ResourceExhaustedError("full")),
              HasSubstr(" WARNING "));
  EXPECT_THAT(LineOf(refused, absl::InternalError("NaN")),
              HasSubstr(" ERROR "));
}

TEST(RequestLogTest, ATraceGoesOnWithASpanOfItsOwn) {
  RequestSummary request = Completed();
  request.trace =
      TraceContext{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"};
  const std::string line = LineOf(request, absl::OkStatus());
  EXPECT_THAT(line,
              AllOf(HasSubstr(" trace_id=4bf92f3577b34da6a3ce929d0e0e4736 "),
                    HasSubstr(" parent_span_id=00f067aa0ba902b7 ")));
  EXPECT_THAT(line,
              ::testing::ContainsRegex(" span_id=[0-9a-f]{16} parent_span_id"));
}

}  // namespace
}  // namespace ella
