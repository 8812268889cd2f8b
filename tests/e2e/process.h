// Programs as children of a test.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace ella {

struct ProcessResult {
  int exit_code = -1;  // minus the signal that ended it
  std::string out;     // standard output
  std::string err;     // standard error
};

// Runs a program to its end.
ProcessResult RunProgram(const std::vector<std::string>& arguments);

// A program that runs beside the test; killed when this is destroyed.
class BackgroundProgram {
 public:
  // Its standard error goes to the file `log`.
  BackgroundProgram(const std::vector<std::string>& arguments,
                    const std::string& log);
  ~BackgroundProgram();

  BackgroundProgram(const BackgroundProgram&) = delete;
  BackgroundProgram& operator=(const BackgroundProgram&) = delete;

  void Signal(int signal) const;
  // Waits for its end; the exit code as in ProcessResult.
  int Wait();

 private:
  pid_t pid_;
};

// The rest of the line after `marker` in the file, once it is there; empty
// after a minute.
std::string AwaitInFile(const std::string& path, const std::string& marker);

}  // namespace ella
