#include "tests/client/ella_command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <sstream>

#include "client/cli.h"

namespace ella {

CommandResult RunCommand(const std::vector<std::string>& args) {
  std::vector<const char*> argv = {"ella"};
  for (const std::string& arg : args) argv.push_back(arg.c_str());
  std::istringstream in;
  std::ostringstream out, err;
  CommandResult result;
  result.code =
      RunElla(static_cast<int>(argv.size()), argv.data(), {in, out, err});
  result.out = out.str();
  result.err = err.str();
  return result;
}

EllaProcess::EllaProcess(std::vector<std::string> args,
                         const std::string& err_path) {
  args.insert(args.begin(), "ella");
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_path.c_str(),
                                   O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                   O_WRONLY, 0);
  if (posix_spawn(&pid_, ELLA_BINARY, &actions, nullptr, argv.data(),
                  environ) != 0) {
    std::abort();
  }
  posix_spawn_file_actions_destroy(&actions);
}

EllaProcess::~EllaProcess() {
  if (pid_ == 0) return;
  Signal(SIGKILL);
  Wait();
}

void EllaProcess::Signal(int signal) { kill(pid_, signal); }

int EllaProcess::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace ella
