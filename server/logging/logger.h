#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/config/log_options.h"
#include "server/logging/log_line.h"
#include "server/output/work_queue.h"

namespace ella {

// The server's log. Lines are made and written on a thread of its own, so that
// no caller waits for the reader of the log; where too many wait, the newest
// are dropped. Thread-safe.
class Logger {
 public:
  // Takes one line with its end; called on the logger's thread.
  using Writer = std::function<void(absl::string_view line)>;

  // on_dropped is called for each line that is dropped, by the one who wrote
  // it.
  Logger(const LogOptions& options, Writer write,
         std::function<void()> on_dropped);

  void Info(std::string message, std::vector<LogField> fields = {});
  void Warning(std::string message, std::vector<LogField> fields = {});
  void Error(std::string message, std::vector<LogField> fields = {});
  void Log(LogSeverity severity, std::string message,
           std::vector<LogField> fields);

  // Returns when all lines so far are written, or after the limit.
  void Flush(absl::Duration limit);

 private:
  void Write(const LogLine& line) const;

  const LogOptions options_;
  const Writer write_;
  const std::function<void()> on_dropped_;
  std::atomic<int64_t> dropped_{0};  // since the last line was written
  WorkQueue work_;                   // its end writes what waits
};

// Writes to stderr.
void WriteToStderr(absl::string_view line);

}  // namespace ella
