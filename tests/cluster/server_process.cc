#include "tests/cluster/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace ella {
namespace {

std::string After(const std::string& line, const std::string& key) {
  const size_t begin = line.find(key) + key.size();
  return line.substr(begin, line.find_first_of(" \n", begin) - begin);
}

}  // namespace

ServerProcess::ServerProcess(const std::string& model,
                             const std::vector<std::string>& flags,
                             const std::string& grpc,
                             const std::function<void()>& before_exec) {
  std::vector<std::string> arguments = {
      ELLA_FAKE_SERVER, "--model",    model, "--listen", grpc,
      "--http-listen",  "127.0.0.1:0"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) abort();
  pid_ = fork();
  if (pid_ == 0) {
    dup2(fds[1], STDERR_FILENO);
    if (before_exec) before_exec();
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(fds[1]);
  FILE* log = fdopen(fds[0], "r");
  char line[4096];
  while (fgets(line, sizeof(line), log) != nullptr) {
    if (std::string(line).find("serving grpc=") == std::string::npos) continue;
    grpc_ = After(line, "grpc=");
    http_ = After(line, "http=");
    break;
  }
  log_reader_ = std::thread([log] {
    char text[4096];
    while (fgets(text, sizeof(text), log) != nullptr) {
    }
    fclose(log);
  });
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    Signal(SIGKILL);
    Wait();
  }
  log_reader_.join();
}

void ServerProcess::Signal(int signal) const { kill(pid_, signal); }

int ServerProcess::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int ServerProcess::Stop() {
  Signal(SIGTERM);
  return Wait();
}

int64_t ServerProcess::ResidentBytes() const {
  std::ifstream statm("/proc/" + std::to_string(pid_) + "/statm");
  int64_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

int ServerProcess::OpenFiles() const {
  const std::filesystem::directory_iterator files("/proc/" +
                                                  std::to_string(pid_) + "/fd");
  return static_cast<int>(std::distance(begin(files), end(files)));
}

ServerGroup::ServerGroup(const std::string& model, int count) : model_(model) {
  for (int i = 0; i < count; ++i) {
    servers_.push_back(std::make_unique<ServerProcess>(model));
    addresses_.push_back(servers_.back()->grpc());
  }
}

int ServerGroup::Restart(int index) {
  const int status = servers_[index]->Stop();
  servers_[index] = std::make_unique<ServerProcess>(
      model_, std::vector<std::string>{}, addresses_[index]);
  return status;
}

}  // namespace ella
