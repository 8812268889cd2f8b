// How much memory the process has and may have.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>

#include "model/api/types.h"

namespace ella {

// Of the device, which PlanCompute has chosen. On a CPU mapped files that were
// read count as used; peak_bytes is since the last ResetPeakMemory, or since
// the process began where the kernel doesn't reset it. What can't be told is 0.
// Any thread; never waits for the device.
MemoryStats DeviceMemory(at::Device device);
void ResetPeakMemory(at::Device device);

// What a process can have in addition: the machine's available memory, or what
// is left under the limits of its control groups (versions 1 and 2), where that
// is less. `root` is put before /proc and /sys.
int64_t FreeHostMemory(const std::string& root = "");

}  // namespace ella
