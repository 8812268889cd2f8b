#pragma once

#include <functional>
#include <thread>

namespace ella {

// Runs the work on a thread of its own, and waits. For engine calls that come
// before the denoising thread: OpenMP keeps a team of workers for each thread
// that has computed, and once there are more of them than cores, all of them
// wait by sleeping, which costs more than small operators take. An ended thread
// takes its team along.
inline void RunOnThread(const std::function<void()>& work) {
  std::thread(work).join();
}

}  // namespace ella
