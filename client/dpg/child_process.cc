#include "client/dpg/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

extern char** environ;

namespace ella {
namespace {

constexpr absl::Duration kTimeToLeave = absl::Seconds(5);
constexpr size_t kMaxLineBytes = 1 << 20;

// False at the deadline.
bool WaitFor(int file, short events, absl::Time deadline) {
  while (true) {
    const int64_t left_ms = absl::ToInt64Milliseconds(
        absl::Ceil(deadline - absl::Now(), absl::Milliseconds(1)));
    pollfd poll_file = {file, events, 0};
    const int timeout_ms =
        static_cast<int>(std::clamp<int64_t>(left_ms, 0, INT32_MAX));
    const int ready = poll(&poll_file, 1, timeout_ms);
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

void Close(int& file) {
  if (file >= 0) close(file);
  file = -1;
}

absl::Status CannotStart(int error) {
  return absl::ErrnoToStatus(error, "cannot start the command");
}

absl::Status TimedOut() { return absl::DeadlineExceededError("timed out"); }

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    const std::string& command) {
  std::unique_ptr<ChildProcess> child(new ChildProcess);
  if (absl::Status status = child->Spawn(command); !status.ok()) return status;
  return child;
}

absl::Status ChildProcess::Spawn(const std::string& command) {
  int input[2] = {-1, -1};
  int output[2] = {-1, -1};
  absl::Cleanup close_theirs = [&input, &output] {
    Close(input[0]);
    Close(output[1]);
  };
  const bool made =
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) == 0 &&
      pipe2(output, O_CLOEXEC) == 0;
  const int error = errno;
  input_ = input[1];
  output_ = output[0];
  if (!made) return CannotStart(error);
  fcntl(input_, F_SETFL, O_NONBLOCK);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  // We may have some blocked.
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  std::string script = command;
  char shell[] = "sh";
  char flag[] = "-c";
  char* argv[] = {shell, flag, script.data(), nullptr};
  const int result =
      posix_spawn(&pid_, "/bin/sh", &actions, &attributes, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (result != 0) {
    pid_ = -1;
    return CannotStart(result);
  }
  // glibc 2.36 declares pidfd_open for C alone.
  pid_file_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  return pid_file_ >= 0 ? absl::OkStatus() : CannotStart(errno);
}

ChildProcess::~ChildProcess() {
  Close(input_);
  Close(output_);
  if (pid_ > 0 && !reaped_) {
    if (pid_file_ >= 0) {
      WaitFor(pid_file_, POLLIN, absl::Now() + kTimeToLeave);
    }
    Reap();
  }
  Close(pid_file_);
}

void ChildProcess::Reap() {
  // Whoever it has started, too. The group's id is ours until it is reaped.
  kill(-pid_, SIGKILL);
  while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
}

absl::Status ChildProcess::Ended() {
  if (!reaped_) {
    if (!WaitFor(pid_file_, POLLIN, absl::Now() + kTimeToLeave)) {
      return absl::UnavailableError(
          "the command has closed its input or output");
    }
    Reap();
  }
  if (WIFSIGNALED(status_)) {
    return absl::UnavailableError(
        absl::StrCat("the command was ended by signal ", WTERMSIG(status_),
                     " (", strsignal(WTERMSIG(status_)), ")"));
  }
  return absl::UnavailableError(absl::StrCat(
      "the command ended with exit status ", WEXITSTATUS(status_)));
}

absl::StatusOr<std::string> ChildProcess::Exchange(std::string_view line,
                                                   absl::Time deadline) {
  if (absl::Status status = WriteLine(line, deadline); !status.ok()) {
    return status;
  }
  return ReadLine(deadline);
}

absl::Status ChildProcess::WriteLine(std::string_view line,
                                     absl::Time deadline) {
  std::string bytes(line);
  bytes += '\n';
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t sent = send(input_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      rest.remove_prefix(sent);
    } else if (errno == EAGAIN) {
      if (!WaitFor(input_, POLLOUT, deadline)) return TimedOut();
    } else if (errno != EINTR) {
      return Ended();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ChildProcess::ReadLine(absl::Time deadline) {
  while (true) {
    if (const size_t end = read_.find('\n'); end != std::string::npos) {
      std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    if (read_.size() > kMaxLineBytes) {
      return absl::InternalError("the command writes a line without an end");
    }
    if (!WaitFor(output_, POLLIN, deadline)) return TimedOut();
    char buffer[1 << 12];
    const ssize_t size = read(output_, buffer, sizeof(buffer));
    if (size > 0) {
      read_.append(buffer, size);
    } else if (size == 0 || errno != EINTR) {
      return Ended();
    }
  }
}

}  // namespace ella
