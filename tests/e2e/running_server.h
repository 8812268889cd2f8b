#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/process.h"

namespace ella {

// ella-server on the CPU in float32, on free ports of this host.
class RunningServer {
 public:
  // `arguments` are beside those; standard error goes to the file `log`.
  // Returns when it serves; with empty addresses where it doesn't.
  RunningServer(const std::vector<std::string>& arguments,
                const std::string& log);

  const std::string& grpc() const { return grpc_; }
  const std::string& http() const { return http_; }
  BackgroundProgram& program() { return *program_; }

 private:
  std::unique_ptr<BackgroundProgram> program_;
  std::string grpc_, http_;
};

// Runs `ella` with the arguments, to its end.
ProcessResult RunElla(std::vector<std::string> arguments);

}  // namespace ella
