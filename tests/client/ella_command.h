// The `ella` command, in this process or as one of its own.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace ella {

struct CommandResult {
  int code = 0;
  std::string out;
  std::string err;
};

CommandResult RunCommand(const std::vector<std::string>& args);

// For signals, which are meant for all threads of a process.
class EllaProcess {
 public:
  // Its stderr goes to the file, its stdout nowhere.
  EllaProcess(std::vector<std::string> args, const std::string& err_path);
  // Kills it where it still runs.
  ~EllaProcess();
  EllaProcess(const EllaProcess&) = delete;
  EllaProcess& operator=(const EllaProcess&) = delete;

  void Signal(int signal);

  // Its exit code; 128 and the signal where that ended it.
  int Wait();

 private:
  pid_t pid_ = 0;
};

}  // namespace ella
