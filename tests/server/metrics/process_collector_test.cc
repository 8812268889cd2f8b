#include "server/metrics/process_collector.h"

#include <stdio.h>
#include <time.h>

#include <map>
#include <string>

#include "gtest/gtest.h"
#include "prometheus/metric_family.h"

namespace ella {
namespace {

std::map<std::string, double> Values() {
  std::map<std::string, double> values;
  for (const prometheus::MetricFamily& family : ProcessCollector().Collect()) {
    const prometheus::ClientMetric& sample = family.metric.at(0);
    values[family.name] = family.type == prometheus::MetricType::Counter
                              ? sample.counter.value
                              : sample.gauge.value;
  }
  return values;
}

TEST(ProcessCollectorTest, ReadsThisProcess) {
  auto values = Values();
  EXPECT_GT(values["process_resident_memory_bytes"], 1 << 20);
  EXPECT_GT(values["process_cpu_seconds_total"], 0);
  const double age = time(nullptr) - values["process_start_time_seconds"];
  EXPECT_GT(age, -2);  // the boot is known to the second
  EXPECT_LT(age, 600);
}

TEST(ProcessCollectorTest, CountsOpenFiles) {
  const double before = Values()["process_open_fds"];
  EXPECT_GE(before, 3);
  FILE* file = fopen("/dev/null", "r");
  EXPECT_EQ(Values()["process_open_fds"], before + 1);
  fclose(file);
  EXPECT_EQ(Values()["process_open_fds"], before);
}

TEST(ProcessCollectorTest, ResidentMemoryGrowsWithWhatIsWritten) {
  const double before = Values()["process_resident_memory_bytes"];
  const std::string written(64 << 20, 'x');
  EXPECT_GT(Values()["process_resident_memory_bytes"], before + (50 << 20));
  EXPECT_EQ(written.back(), 'x');
}

}  // namespace
}  // namespace ella
