// A judge of the user's choice, in a process of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/dpg/child_process.h"
#include "client/dpg/judge.h"

namespace ella {

// Talks to a long-lived program in JSON lines, one to it and one from it for
// each crop; the README of this folder has the format. The picture is a PNG in
// a temporary folder while its question is open.
class CommandJudge : public Judge {
 public:
  // A shell command. `timeout` is for the answer to one crop, the first one
  // with the program's start.
  static absl::StatusOr<std::unique_ptr<CommandJudge>> Start(
      const std::string& command, absl::Duration timeout);
  ~CommandJudge() override;

  // DeadlineExceeded; Unavailable where the program has ended; Internal for a
  // line that is no answer; and what writing the picture gives.
  absl::StatusOr<std::vector<std::string>> Answer(
      const Crop& crop, const std::vector<Question>& questions) override;

 private:
  CommandJudge(std::string folder, std::unique_ptr<ChildProcess> child,
               absl::Duration timeout);

  const std::string folder_;
  const std::unique_ptr<ChildProcess> child_;
  const absl::Duration timeout_;
  int crops_ = 0;
};

}  // namespace ella
