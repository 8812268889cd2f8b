#include "server/metrics/engine_collector.h"

#include "gmock/gmock.h"
#include "server/metrics/metrics_page.h"
#include "tests/server/metrics/stats_engine.h"

namespace ella {
namespace {

using ::testing::HasSubstr;

TEST(EngineCollectorTest, TellsEachEngineApartAsOfNow) {
  const auto first = std::make_shared<StatsEngine>("a");
  const auto second = std::make_shared<StatsEngine>("b");
  StatsEngine &a = *first, &b = *second;
  const EngineCollector collector([&] {
    return std::vector<std::shared_ptr<Engine>>{first, second};
  });
  MetricsPage page;
  const MetricsPage::Part part(&page, &collector);
  EXPECT_THAT(page.Text(),
              HasSubstr("ella_text_cache_hits_total{model=\"a\"} 0\n"));

  a.mutable_stats()->text_cache = {1, 2, 3, 4, 5};
  b.mutable_stats()->connector_cache = {6, 7, 8, 9, 10};
  a.mutable_stats()->connector_seconds = 0.25;
  b.mutable_stats()->memory = {11, 12, 13};
  const std::string text = page.Text();
  for (const char* line : {
           "ella_text_cache_hits_total{model=\"a\"} 1\n",
           "ella_text_cache_hits_total{model=\"b\"} 0\n",
           "ella_text_cache_misses_total{model=\"a\"} 2\n",
           "ella_text_cache_evictions_total{model=\"a\"} 3\n",
           "ella_text_cache_entries{model=\"a\"} 4\n",
           "ella_text_cache_bytes{model=\"a\"} 5\n",
           "ella_connector_cache_hits_total{model=\"a\"} 0\n",
           "ella_connector_cache_hits_total{model=\"b\"} 6\n",
           "ella_connector_cache_misses_total{model=\"b\"} 7\n",
           "ella_connector_cache_evictions_total{model=\"b\"} 8\n",
           "ella_connector_cache_entries{model=\"b\"} 9\n",
           "ella_connector_cache_bytes{model=\"b\"} 10\n",
           "ella_connector_seconds_total{model=\"a\"} 0.25\n",
           "ella_device_memory_bytes{model=\"b\",state=\"used\"} 11\n",
           "ella_device_memory_bytes{model=\"b\",state=\"peak\"} 12\n",
           "ella_device_memory_bytes{model=\"b\",state=\"free\"} 13\n",
           "ella_model_weight_bytes{model=\"a\"} 0\n",
           "ella_model_info{model=\"b\",device=\"cuda:0\",dtype=\"float16\","
           "t5_dtype=\"float32\",fingerprint=\"0123\"} 1\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace ella
