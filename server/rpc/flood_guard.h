#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "server/rpc/call_count.h"

namespace ella {

// Ends the connection that sends the most while gRPC has more calls than
// clients in good faith ever have. One client that never stops to begin calls
// and to take them back keeps the gRPC thread (1.51) that reads from it; the
// ends of calls wait for that thread, and memory grows until the client stops.
// Looks at the connections on a thread of its own, and only in that need.
class FloodGuard {
 public:
  // Told who was at the other end.
  using OnEnded = std::function<void(const std::string& peer)>;

  // The connections are those sockets to `port` whose numbers are in
  // [first_file, last_file).
  FloodGuard(std::shared_ptr<CallCount> calls, int port, int first_file,
             int last_file, OnEnded on_ended);
  ~FloodGuard();

 private:
  struct Traffic {
    std::string peer;
    uint64_t received = 0;  // bytes
  };
  // By the number of the file.
  std::map<int, Traffic> Look() const;
  void Run();
  void EndBusiest(const std::map<int, Traffic>& before);

  const std::shared_ptr<CallCount> calls_;
  const int port_;
  const int first_file_;
  const int last_file_;
  const OnEnded on_ended_;
  std::thread thread_;
};

}  // namespace ella
