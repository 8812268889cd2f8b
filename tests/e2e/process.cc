#include "tests/e2e/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace ella {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string TemporaryFile() {
  char path[] = "/tmp/ella-test-XXXXXX";
  const int fd = mkstemp(path);
  if (fd < 0) throw std::runtime_error("mkstemp failed");
  close(fd);
  return path;
}

pid_t Spawn(const std::vector<std::string>& arguments, const std::string& out,
            const std::string& err) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), kFlags, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), kFlags, 0600);
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("can't start " + arguments[0]);
  return pid;
}

int ExitCode(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

ProcessResult RunProgram(const std::vector<std::string>& arguments) {
  const std::string out = TemporaryFile(), err = TemporaryFile();
  const pid_t pid = Spawn(arguments, out, err);
  int status = 0;
  waitpid(pid, &status, 0);
  ProcessResult result = {ExitCode(status), ReadFile(out), ReadFile(err)};
  std::remove(out.c_str());
  std::remove(err.c_str());
  return result;
}

BackgroundProgram::BackgroundProgram(const std::vector<std::string>& arguments,
                                     const std::string& log)
    : pid_(Spawn(arguments, "/dev/null", log)) {}

BackgroundProgram::~BackgroundProgram() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  Wait();
}

void BackgroundProgram::Signal(int signal) const { kill(pid_, signal); }

int BackgroundProgram::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return ExitCode(status);
}

std::string AwaitInFile(const std::string& path, const std::string& marker) {
  using std::chrono::steady_clock;
  const auto end = steady_clock::now() + std::chrono::minutes(1);
  while (steady_clock::now() < end) {
    const std::string text = ReadFile(path);
    const size_t at = text.find(marker);
    const size_t line_end = text.find('\n', at);
    if (at != std::string::npos && line_end != std::string::npos) {
      const size_t begin = at + marker.size();
      return text.substr(begin, line_end - begin);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return "";
}

}  // namespace ella
