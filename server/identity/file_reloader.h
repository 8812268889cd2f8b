#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/scheduling/clock.h"

namespace ella {

// A warning for the operator.
using WarningFunction = std::function<void(absl::string_view message)>;

// Makes something of a few small files, and makes it anew when one of them has
// changed. It looks for changes only when asked, so it needs no thread, and a
// change counts from the next Refresh on. Belongs to one thread at a time.
class FileReloader {
 public:
  // Takes the files' contents, in the order of their paths, or leaves all as it
  // was and returns what is wrong, naming the file.
  using Use =
      std::function<absl::Status(const std::vector<std::string>& contents)>;

  // The clock outlives it, and tells the time of the file system.
  FileReloader(std::vector<std::string> paths, const Clock* clock, Use use,
               WarningFunction warn);

  // The first time. An error names the file that can't be read or used.
  absl::Status Load();
  // Loads again where a file is another one than before, or was written to.
  // What can't be read or used is told as a warning, once.
  void Refresh();

 private:
  // What changes with a file.
  struct Stamp {
    bool exists = false;
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  static Stamp StampOf(const std::string& path);
  std::vector<Stamp> Stamps() const;
  absl::StatusOr<std::vector<std::string>> Read() const;

  const std::vector<std::string> paths_;
  const Clock* const clock_;
  const Use use_;
  const WarningFunction warn_;
  std::vector<Stamp> stamps_;
  // False while another write might leave a file the stamp that it has.
  bool settled_ = false;
  std::vector<std::string> used_;
  absl::Status error_;  // of the last look
};

}  // namespace ella
