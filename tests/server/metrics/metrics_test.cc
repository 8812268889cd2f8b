#include "server/metrics/metrics.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/metrics/metrics_page.h"

namespace ella {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class MetricsTest : public ::testing::Test {
 protected:
  prometheus::Registry registry_;
  Metrics metrics_{&registry_, "1.2.3"};
  MetricsPage page_;
  MetricsPage::Part part_{&page_, &registry_};
};

TEST_F(MetricsTest, CountsRequestsByCode) {
  EXPECT_THAT(page_.Text(), HasSubstr("ella_requests_total{code=\"OK\"} 0\n"));
  EXPECT_THAT(page_.Text(),
              HasSubstr("ella_requests_total{code=\"UNAUTHENTICATED\"} 0\n"));
  metrics_.CountRequest(absl::OkStatus());
  metrics_.CountRequest(absl::OkStatus());
  metrics_.CountRequest(absl::UnauthenticatedError("no key"));
  // A code that there isn't counts as unknown.
  metrics_.CountRequest(absl::Status(static_cast<absl::StatusCode>(99), ""));
  const std::string page = page_.Text();
  EXPECT_THAT(page, HasSubstr("ella_requests_total{code=\"OK\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("ella_requests_total{code=\"CANCELLED\"} 0\n"));
  EXPECT_THAT(page,
              HasSubstr("ella_requests_total{code=\"UNAUTHENTICATED\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("ella_requests_total{code=\"UNKNOWN\"} 1\n"));
}

TEST_F(MetricsTest, CountsRequestsAndImagesByCaller) {
  EXPECT_THAT(page_.Text(), Not(HasSubstr("caller")));
  metrics_.CountCallersRequest("web", absl::OkStatus(), 2);
  metrics_.CountCallersRequest("web", absl::OkStatus(), 1);
  metrics_.CountCallersRequest("web", absl::CancelledError(""), 1);
  const std::string page = page_.Text();
  EXPECT_THAT(page, HasSubstr("ella_caller_requests_total{caller=\"web\","
                              "code=\"OK\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("ella_caller_requests_total{caller=\"web\","
                              "code=\"CANCELLED\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("ella_caller_images_total{caller=\"web\"} 4\n"));
}

TEST_F(MetricsTest, CallersBeyondAThousandCountAsOther) {
  for (int i = 0; i < 1003; ++i) {
    metrics_.CountCallersRequest(absl::StrCat("caller", i), absl::OkStatus(),
                                 1);
  }
  metrics_.CountCallersRequest("caller0", absl::OkStatus(), 1);
  const std::string page = page_.Text();
  EXPECT_THAT(page,
              HasSubstr("ella_caller_images_total{caller=\"other\"} 3\n"));
  EXPECT_THAT(page,
              HasSubstr("ella_caller_images_total{caller=\"caller0\"} 2\n"));
  EXPECT_THAT(page, Not(HasSubstr("caller1000")));
}

TEST_F(MetricsTest, ABucketHoldsItsOwnBound) {
  metrics_.step_batch_rows.Observe(2);
  const std::string page = page_.Text();
  EXPECT_THAT(page, HasSubstr("ella_step_batch_rows_bucket{le=\"1\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("ella_step_batch_rows_bucket{le=\"2\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("ella_step_batch_rows_sum 2\n"));
}

TEST_F(MetricsTest, DroppedPreviewsAreToldApart) {
  metrics_.previews_dropped_pool.Increment(3);
  metrics_.previews_dropped_slow_reader.Increment();
  const std::string page = page_.Text();
  EXPECT_THAT(
      page, HasSubstr("ella_previews_dropped_total{reason=\"pool_full\"} 3\n"));
  EXPECT_THAT(
      page,
      HasSubstr("ella_previews_dropped_total{reason=\"slow_reader\"} 1\n"));
}

TEST_F(MetricsTest, TellsTheVersion) {
  EXPECT_THAT(page_.Text(),
              HasSubstr("ella_build_info{version=\"1.2.3\"} 1\n"));
}

}  // namespace
}  // namespace ella
