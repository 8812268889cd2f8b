// A program that is talked to in lines.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace ella {

// A shell command, its standard input and output held by us, its standard error
// ours. It has a process group of its own, so that Ctrl-C on the terminal is
// not its matter. One thread at a time.
class ChildProcess {
 public:
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(
      const std::string& command);

  // Closes both, gives it a few seconds to leave, and then ends the group.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Writes a line, and reads the next one from it; both without their newline.
  // DeadlineExceeded; Unavailable where the program has ended, with how;
  // Internal for a line of more than 1 MiB.
  absl::StatusOr<std::string> Exchange(std::string_view line,
                                       absl::Time deadline);

 private:
  ChildProcess() = default;

  absl::Status Spawn(const std::string& command);
  absl::Status WriteLine(std::string_view line, absl::Time deadline);
  absl::StatusOr<std::string> ReadLine(absl::Time deadline);
  void Reap();
  // Once it takes or says nothing any more.
  absl::Status Ended();

  pid_t pid_ = -1;
  int pid_file_ = -1;  // readable once the program has ended
  int input_ = -1;     // a socket, since a write to one need not raise SIGPIPE
  int output_ = -1;
  bool reaped_ = false;
  int status_ = 0;    // as waitpid gives it, once reaped
  std::string read_;  // beyond the last line
};

}  // namespace ella
