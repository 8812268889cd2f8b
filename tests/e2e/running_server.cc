#include "tests/e2e/running_server.h"

#include <utility>

#include "absl/strings/str_split.h"

namespace ella {

RunningServer::RunningServer(const std::vector<std::string>& arguments,
                             const std::string& log) {
  std::vector<std::string> command = {ELLA_BIN_DIR "/ella-server",
                                      "--device",
                                      "cpu",
                                      "--dtype=float32",
                                      "--listen",
                                      "127.0.0.1:0",
                                      "--http-listen",
                                      "127.0.0.1:0"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  program_ = std::make_unique<BackgroundProgram>(command, log);
  const std::pair<std::string, std::string> addresses = absl::StrSplit(
      AwaitInFile(log, "serving grpc="), absl::MaxSplits(" http=", 1));
  grpc_ = addresses.first;
  http_ = addresses.second;
}

ProcessResult RunElla(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), ELLA_BIN_DIR "/ella");
  return RunProgram(arguments);
}

}  // namespace ella
