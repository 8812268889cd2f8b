#include "server/metrics/metrics.h"

#include "gmock/gmock.h"
#include "server/metrics/metrics_page.h"

namespace ella {
namespace {

using ::testing::HasSubstr;

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
