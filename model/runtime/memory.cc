#include "model/runtime/memory.h"

#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace ella {
namespace {

// The number after `name` in a file of names and numbers.
std::optional<int64_t> ReadNumber(const std::string& path,
                                  const std::string& name) {
  std::ifstream file(path);
  std::string word;
  int64_t number = 0;
  while (file >> word) {
    if (word == name && file >> number) return number;
  }
  return std::nullopt;
}

// The number that a file begins with; none for "max".
std::optional<int64_t> ReadNumber(const std::string& path) {
  std::ifstream file(path);
  int64_t number = 0;
  if (file >> number) return number;
  return std::nullopt;
}

// In kibibytes there.
int64_t ReadBytes(const std::string& path, const std::string& name) {
  return ReadNumber(path, name).value_or(0) * 1024;
}

// Names of a control group's files.
struct GroupFiles {
  const char* limit;
  const char* usage;
  const char* reclaimable;  // in memory.stat
};
constexpr GroupFiles kVersion1 = {
    "/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_inactive_file"};
constexpr GroupFiles kVersion2 = {"/memory.max", "/memory.current",
                                  "inactive_file"};

// The least that is left in a group and those around it, up to `mount`. A
// group that isn't mounted here, as in a container, has no files.
int64_t FreeInGroups(const std::string& mount, std::string group,
                     const GroupFiles& files, int64_t free) {
  while (true) {
    const std::string folder = mount + group;
    const auto limit = ReadNumber(folder + files.limit);
    const auto usage = ReadNumber(folder + files.usage);
    if (limit && usage) {
      const int64_t reclaimable =
          ReadNumber(folder + "/memory.stat", files.reclaimable).value_or(0);
      free = std::min(free, *limit - (*usage - reclaimable));
    }
    if (group.empty()) return std::max<int64_t>(free, 0);
    group.resize(group.rfind('/'));
  }
}

MemoryStats HostMemory() {
  const std::string status = "/proc/self/status";
  return {.used_bytes = ReadBytes(status, "VmRSS:"),
          .peak_bytes = ReadBytes(status, "VmHWM:"),
          .free_bytes = FreeHostMemory()};
}

}  // namespace

int64_t FreeHostMemory(const std::string& root) {
  int64_t free = ReadBytes(root + "/proc/meminfo", "MemAvailable:");
  const std::string mount = root + "/sys/fs/cgroup";
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    // N:controllers:/group, where version 2 names no controllers
    const std::vector<std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    const std::string group = parts[2] == "/" ? "" : parts[2];
    if (parts[1].empty()) {
      free = FreeInGroups(mount, group, kVersion2, free);
    } else if (parts[1] == "memory") {
      free = FreeInGroups(mount + "/memory", group, kVersion1, free);
    }
  }
  return free;
}

MemoryStats DeviceMemory(at::Device device) {
  if (device.is_cpu()) return HostMemory();
  try {
    c10::DeviceAllocator* const allocator =
        c10::getDeviceAllocator(device.type());
    const auto stats = allocator->getDeviceStats(device.index());
    constexpr auto kAll =
        static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    const auto& allocated = stats.allocated_bytes[kAll];
    // Torch keeps what it has reserved.
    const int64_t cached =
        stats.reserved_bytes[kAll].current - allocated.current;
    const auto free = allocator->getMemoryInfo(device.index()).first;
    return {.used_bytes = allocated.current,
            .peak_bytes = allocated.peak,
            .free_bytes = static_cast<int64_t>(free) + cached};
  } catch (const std::exception&) {
    return {};
  }
}

void ResetPeakMemory(at::Device device) {
  if (device.is_cpu()) {
    std::ofstream("/proc/self/clear_refs") << 5;
    return;
  }
  try {
    c10::getDeviceAllocator(device.type())->resetPeakStats(device.index());
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace ella
