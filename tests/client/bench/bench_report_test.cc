#include "client/bench/bench_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace ella {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;

TEST(PercentileTest, IsTheNearestRank) {
  std::vector<double> values;
  for (int i = 1; i <= 100; ++i) values.push_back(i);
  EXPECT_EQ(Percentile(values, 0.5), 50);
  EXPECT_EQ(Percentile(values, 0.95), 95);
  EXPECT_EQ(Percentile(values, 0.99), 99);
  EXPECT_EQ(Percentile(values, 1), 100);
  EXPECT_EQ(Percentile(values, 0), 1);
  EXPECT_EQ(Percentile({7, 8, 9}, 0.5), 8);
  EXPECT_EQ(Percentile({7}, 0.99), 7);
}

TEST(DistributionTest, OfAFewAndOfNone) {
  EXPECT_EQ(Distribution({3, 1, 2, 10}),
            json::parse(R"({"count": 4, "mean": 4.0, "p50": 2.0, "p95": 10.0,
                            "p99": 10.0, "max": 10.0})"));
  EXPECT_EQ(Distribution({}), json::parse(R"({"count": 0})"));
}

RequestRecord Ended(double due_s, double ended_s,
                    absl::StatusCode code = absl::StatusCode::kOk) {
  RequestRecord record;
  record.due_s = due_s;
  record.sent_s = due_s;
  record.ended_s = ended_s;
  record.code = code;
  return record;
}

// Measured from 10 s to 20 s.
RunResult Result(std::vector<RequestRecord> records) {
  RunResult result;
  result.begun = records.size();
  result.records = std::move(records);
  result.measured_from_s = 10;
  result.measured_to_s = 20;
  return result;
}

TEST(SummarizeTest, EachRequestHasOneOutcome) {
  RequestRecord refused = Ended(11, 11, absl::StatusCode::kResourceExhausted);
  refused.refusals = 1;
  refused.message = "the queue is full";
  RequestRecord retried = Ended(11, 15);
  retried.refusals = 2;
  RequestRecord cancelled = Ended(12, 13, absl::StatusCode::kCancelled);
  cancelled.cancelled_by = CancelBy::kRpc;
  RequestRecord warmup = Ended(1, 12);
  warmup.counted = false;
  RunResult result = Result({refused, retried, cancelled, warmup});
  json summary = Summarize(result, 1);
  EXPECT_EQ(summary["requests"],
            json::parse(R"({"begun": 3, "ended": 3, "unended": 0,
                            "refusals": 3, "in_warmup": 1})"));
  EXPECT_EQ(
      summary["outcomes"],
      json::parse(R"({"OK": 1, "CANCELLED": 1, "RESOURCE_EXHAUSTED": 1})"));
  EXPECT_EQ(summary["first_messages"]["RESOURCE_EXHAUSTED"],
            "the queue is full");
  EXPECT_EQ(summary["cancels_asked"], json::parse(R"({"rpc": 1, "drop": 0})"));
  result.begun = 5;
  EXPECT_EQ(Summarize(result, 1)["requests"]["unended"], 1);
}

TEST(SummarizeTest, LatencyCountsFromWhenItWasDue) {
  RequestRecord late = Ended(11, 16);
  late.sent_s = 14;
  late.first_progress_s = 15;
  late.first_preview_s = 15.5;
  RequestRecord failed = Ended(11, 19, absl::StatusCode::kInternal);
  RequestRecord deaf = Ended(11, 19);
  deaf.deaf = true;
  const json summary = Summarize(Result({late, failed, deaf}), 1);
  EXPECT_EQ(summary["latency_s"]["count"], 1);
  EXPECT_EQ(summary["latency_s"]["p50"], 5.0);
  EXPECT_EQ(summary["first_progress_s"]["max"], 4.0);
  EXPECT_EQ(summary["first_preview_s"]["p95"], 4.5);
  EXPECT_EQ(summary["sent_late_s"]["max"], 3.0);
  EXPECT_EQ(summary["deaf"], json::parse(R"({"begun": 1, "completed": 1})"));
}

TEST(SummarizeTest, RatesAreOfTheMeasuredTime) {
  RequestRecord warmup = Ended(9, 12);  // ends in it, within 4 s
  warmup.counted = false;
  warmup.images_measured = 1;
  warmup.steps_measured = 15;
  warmup.rows_measured = 30;
  const RequestRecord slow = Ended(11, 18);
  const RequestRecord after = Ended(19, 21);
  const RequestRecord before = Ended(1, 9);
  const RequestRecord failed =
      Ended(11, 12, absl::StatusCode::kDeadlineExceeded);
  const json summary =
      Summarize(Result({warmup, slow, after, before, failed}), 4);
  EXPECT_EQ(summary["measured_s"], 10.0);
  EXPECT_EQ(summary["completed_per_s"], 0.2);
  EXPECT_EQ(summary["goodput"],
            json::parse(R"({"within_s": 4.0, "per_s": 0.1})"));
  EXPECT_EQ(summary["images_per_s"], 0.1);
  EXPECT_EQ(summary["steps_per_s"], 1.5);
  EXPECT_EQ(summary["rows_per_s"], 3.0);
}

TEST(SummarizeTest, SharesAreNullOfNothing) {
  const json summary = Summarize(Result({}), 1);
  EXPECT_TRUE(summary["mean_batch_rows"].is_null());
  EXPECT_TRUE(summary["text_cache_hit_share"].is_null());
  EXPECT_EQ(summary["completed_per_s"], 0.0);
}

TEST(SummarizeTest, MeansOfBatchesAndCache) {
  RequestRecord first = Ended(11, 12);
  first.mean_batch_rows = 2;
  first.encodings = 2;
  first.encodings_cached = 1;
  RequestRecord second = Ended(11, 12);
  second.mean_batch_rows = 5;
  second.encodings = 2;
  second.encodings_cached = 2;
  const json summary = Summarize(Result({first, second}), 1);
  EXPECT_EQ(summary["mean_batch_rows"], 3.5);
  EXPECT_EQ(summary["text_cache_hit_share"], 0.75);
}

TEST(PrintSummaryTest, ShowsTheFigures) {
  RequestRecord failed = Ended(11, 12, absl::StatusCode::kInternal);
  failed.message = "broken";
  std::ostringstream out;
  PrintSummary(Summarize(Result({Ended(11, 13.5), failed}), 1), out);
  EXPECT_THAT(out.str(), HasSubstr("2 begun in 10 s, 2 ended, 0 unended"));
  EXPECT_THAT(out.str(), HasSubstr("1 INTERNAL: broken"));
  EXPECT_THAT(out.str(), HasSubstr("2.5"));
}

}  // namespace
}  // namespace ella
