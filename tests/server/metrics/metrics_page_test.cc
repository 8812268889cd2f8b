#include "server/metrics/metrics_page.h"

#include <atomic>
#include <optional>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "prometheus/metric_family.h"

namespace ella {
namespace {

using ::prometheus::MetricFamily;
using ::prometheus::MetricType;

// A gauge of value 0; collecting it can be made to wait.
class Source final : public prometheus::Collectable {
 public:
  explicit Source(const char* name) : name_(name) {}

  std::vector<MetricFamily> Collect() const override {
    if (wait != nullptr) {
      collecting.Notify();
      wait->WaitForNotification();
      collected = true;
    }
    return {{name_, "help", MetricType::Gauge, {{}}}};
  }

  absl::Notification* wait = nullptr;
  mutable absl::Notification collecting;
  mutable std::atomic<bool> collected{false};

 private:
  const char* const name_;
};

TEST(MetricsPageTest, ShowsThePartsThatLive) {
  MetricsPage page;
  EXPECT_EQ(page.Text(), "");
  const Source a("a"), b("b");
  const std::string text_a = "# HELP a help\n# TYPE a gauge\na 0\n";
  const std::string text_b = "# HELP b help\n# TYPE b gauge\nb 0\n";
  std::optional<MetricsPage::Part> part_a(std::in_place, &page, &a);
  const MetricsPage::Part part_b(&page, &b);
  EXPECT_EQ(page.Text(), text_a + text_b);
  part_a.reset();
  EXPECT_EQ(page.Text(), text_b);
}

TEST(MetricsPageTest, APartWaitsForTheScrapeUnderWay) {
  MetricsPage page;
  absl::Notification go_on;
  Source source("a");
  source.wait = &go_on;
  std::optional<MetricsPage::Part> part(std::in_place, &page, &source);
  std::thread scrape([&] { page.Text(); });
  source.collecting.WaitForNotification();
  std::thread release([&] { go_on.Notify(); });
  part.reset();
  EXPECT_TRUE(source.collected);
  scrape.join();
  release.join();
}

}  // namespace
}  // namespace ella
