#include "server/rpc/flood_guard.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "server/rpc/socket_address.h"

namespace ella {
namespace {

// Each holds some 20 kB.
constexpr int kTooManyCalls = 2500;
// How long the connections are looked at, and what the busiest of them receive
// in that time at least: most prompts are shorter.
constexpr absl::Duration kLook = absl::Milliseconds(50);
constexpr uint64_t kBusyBytes = 4096;
// Begun in that time at least: far more than there are pictures to make. Calls
// that are only held, such as watches of the health, are no flood.
constexpr uint64_t kFloodCalls = 100;

}  // namespace

FloodGuard::FloodGuard(std::shared_ptr<CallCount> calls, int port,
                       int first_file, int last_file, OnEnded on_ended)
    : calls_(std::move(calls)),
      port_(port),
      first_file_(first_file),
      last_file_(last_file),
      on_ended_(std::move(on_ended)),
      thread_([this] { Run(); }) {}

FloodGuard::~FloodGuard() {
  calls_->End();
  thread_.join();
}

void FloodGuard::Run() {
  uint64_t begun = 0;
  while (calls_->AwaitMany(kTooManyCalls, begun + kFloodCalls)) {
    begun = calls_->begun();
    const std::map<int, Traffic> before = Look();
    const bool many = calls_->AwaitFewer(kTooManyCalls, kLook) >= kTooManyCalls;
    if (many && calls_->begun() - begun >= kFloodCalls) EndBusiest(before);
    begun = calls_->begun();
  }
}

std::map<int, FloodGuard::Traffic> FloodGuard::Look() const {
  std::map<int, Traffic> found;
  for (int file = first_file_; file < last_file_; ++file) {
    tcp_info info = {};
    socklen_t size = sizeof(info);
    if (LocalPort(file) == port_ &&
        getsockopt(file, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
      found[file] = {PeerName(file), info.tcpi_bytes_received};
    }
  }
  return found;
}

void FloodGuard::EndBusiest(const std::map<int, Traffic>& before) {
  std::map<int, uint64_t> received;
  uint64_t most = 0;
  for (const auto& [file, now] : Look()) {
    const auto then = before.find(file);
    // Another connection may have got the number in between.
    if (then == before.end() || then->second.peer != now.peer) continue;
    received[file] = now.received - then->second.received;
    most = std::max(most, received[file]);
  }
  for (const auto& [file, bytes] : received) {
    if (bytes < std::max(most / 2, kBusyBytes)) continue;
    shutdown(file, SHUT_RDWR);
    on_ended_(before.at(file).peer);
  }
}

}  // namespace ella
