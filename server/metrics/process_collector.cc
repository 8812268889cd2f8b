#include "server/metrics/process_collector.h"

#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "prometheus/metric_family.h"

namespace ella {
namespace {

using ::prometheus::MetricFamily;
using ::prometheus::MetricType;

std::optional<double> ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  double total_pages, resident_pages;
  if (!(file >> total_pages >> resident_pages)) return std::nullopt;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::optional<double> CpuSeconds() {
  timespec time;
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return std::nullopt;
  return static_cast<double>(time.tv_sec) + 1e-9 * time.tv_nsec;
}

std::optional<double> OpenFds() {
  std::error_code error;
  std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return std::nullopt;
  // One of them is the folder's own.
  return static_cast<double>(std::distance(begin(files), end(files)) - 1);
}

// Unix time of the boot.
std::optional<double> BootSeconds() {
  std::ifstream file("/proc/stat");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string key;
    double seconds;
    if (words >> key >> seconds && key == "btime") return seconds;
  }
  return std::nullopt;
}

// Unix time of the process's start: the 22nd value of its stat, in ticks since
// the boot.
std::optional<double> StartSeconds() {
  std::ifstream file("/proc/self/stat");
  // The 2nd value is the program's name in brackets; it may hold spaces.
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream values(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) values >> skipped;
  double ticks;
  const std::optional<double> boot = BootSeconds();
  if (!(values >> ticks) || !boot) return std::nullopt;
  return *boot + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

std::vector<MetricFamily> ProcessCollector::Collect() const {
  std::vector<MetricFamily> families;
  auto add = [&](const char* name, const char* help, MetricType type,
                 std::optional<double> value) {
    if (!value) return;
    prometheus::ClientMetric sample;
    if (type == MetricType::Counter) {
      sample.counter.value = *value;
    } else {
      sample.gauge.value = *value;
    }
    families.push_back({name, help, type, {sample}});
  };
  add("process_resident_memory_bytes", "Resident memory in bytes.",
      MetricType::Gauge, ResidentBytes());
  add("process_cpu_seconds_total", "User and system time in seconds.",
      MetricType::Counter, CpuSeconds());
  add("process_open_fds", "Open file descriptors.", MetricType::Gauge,
      OpenFds());
  add("process_start_time_seconds", "Start of the process in Unix time.",
      MetricType::Gauge, StartSeconds());
  return families;
}

}  // namespace ella
