#include "model/runtime/memory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/temp_folder.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kGiB = 1 << 30;

// A machine with 8 GiB available, and what a test adds.
class FreeHostMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    Write("proc/meminfo",
          "MemTotal: 16777216 kB\nMemFree: 1 kB\nMemAvailable: 8388608 kB\n");
  }

  void Write(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  int64_t Free() const { return FreeHostMemory(root_.string()); }

  const TempFolder temp_folder_;
  const fs::path root_ = temp_folder_.path();
};

TEST_F(FreeHostMemoryTest, IsWhatTheMachineHasWithoutGroups) {
  EXPECT_EQ(Free(), 8 * kGiB);
}

TEST_F(FreeHostMemoryTest, IsBoundedByAGroupOfVersion2) {
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/memory.max", "4294967296\n");
  Write("sys/fs/cgroup/memory.current", "3221225472\n");
  EXPECT_EQ(Free(), 1 * kGiB);
  Write("sys/fs/cgroup/memory.stat",
        "active_file 7\ninactive_file 1073741824\n");
  EXPECT_EQ(Free(), 2 * kGiB);
  Write("sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(Free(), 8 * kGiB);
}

TEST_F(FreeHostMemoryTest, IsBoundedByTheGroupsAround) {
  Write("proc/self/cgroup", "0::/outer/inner\n");
  Write("sys/fs/cgroup/outer/inner/memory.max", "max\n");
  Write("sys/fs/cgroup/outer/inner/memory.current", "5\n");
  Write("sys/fs/cgroup/outer/memory.max", "2147483648\n");
  Write("sys/fs/cgroup/outer/memory.current", "1073741824\n");
  EXPECT_EQ(Free(), 1 * kGiB);
}

TEST_F(FreeHostMemoryTest, IsBoundedByAGroupOfVersion1) {
  Write("proc/self/cgroup",
        "9:name=systemd:/\n4:memory:/not/seen/here\n0::/\n");
  Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "3221225472\n");
  Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1073741824\n");
  EXPECT_EQ(Free(), 2 * kGiB);
}

TEST_F(FreeHostMemoryTest, IsNeverNegative) {
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/memory.max", "10\n");
  Write("sys/fs/cgroup/memory.current", "20\n");
  EXPECT_EQ(Free(), 0);
}

TEST(DeviceMemoryTest, SeesWhatIsAllocated) {
  const MemoryStats before = DeviceMemory(at::kCPU);
  EXPECT_GT(before.used_bytes, 0);
  EXPECT_GT(before.free_bytes, 0);
  {
    const at::Tensor large = at::ones({64 << 20}, at::kByte);
    EXPECT_GE(DeviceMemory(at::kCPU).used_bytes,
              before.used_bytes + (60 << 20));
  }
  const MemoryStats after = DeviceMemory(at::kCPU);
  EXPECT_GE(after.peak_bytes, before.used_bytes + (60 << 20));
  ResetPeakMemory(at::kCPU);
  const int64_t peak = DeviceMemory(at::kCPU).peak_bytes;
  // A kernel that doesn't let the peak be reset leaves it.
  EXPECT_TRUE(peak <= after.used_bytes + (30 << 20) ||
              peak == after.peak_bytes);
}

}  // namespace
}  // namespace ella
