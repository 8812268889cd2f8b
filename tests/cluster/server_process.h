#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace ella {

// The server program with a fake engine, on loopback, as a process of its own
// that can be signalled and killed. Belongs to one thread.
class ServerProcess {
 public:
  // Returns when it serves. `grpc`: HOST:PORT, 0 for a free one. `model`: what
  // tests/server/fake_server_main.cc makes of it. before_exec() is called in
  // the new process; may be null.
  explicit ServerProcess(const std::string& model,
                         const std::vector<std::string>& flags = {},
                         const std::string& grpc = "127.0.0.1:0",
                         const std::function<void()>& before_exec = nullptr);
  // Kills it where it still runs.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // HOST:PORT.
  const std::string& grpc() const { return grpc_; }
  const std::string& http() const { return http_; }

  void Signal(int signal) const;
  // Its exit status; minus the signal where that ended it.
  int Wait();
  // SIGTERM, and Wait().
  int Stop();

  // Memory in use, in bytes.
  int64_t ResidentBytes() const;
  int OpenFiles() const;

 private:
  pid_t pid_ = 0;
  std::string grpc_, http_;
  std::thread log_reader_;  // its log must not fill the pipe
};

// Servers of one kind. Belongs to one thread.
class ServerGroup {
 public:
  ServerGroup(const std::string& model, int count);

  const std::vector<std::string>& addresses() const { return addresses_; }
  ServerProcess& server(int index) { return *servers_[index]; }
  // Stops it and starts another at its address; the exit status of the first.
  int Restart(int index);

 private:
  const std::string model_;
  std::vector<std::string> addresses_;
  std::vector<std::unique_ptr<ServerProcess>> servers_;
};

}  // namespace ella
