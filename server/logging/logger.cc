#include "server/logging/logger.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace ella {

Logger::Logger(const LogOptions& options, Writer write,
               std::function<void()> on_dropped)
    : options_(options),
      write_(std::move(write)),
      on_dropped_(std::move(on_dropped)),
      work_(/*threads=*/1) {}

void Logger::Info(std::string message, std::vector<LogField> fields) {
  Log(LogSeverity::kInfo, std::move(message), std::move(fields));
}

void Logger::Warning(std::string message, std::vector<LogField> fields) {
  Log(LogSeverity::kWarning, std::move(message), std::move(fields));
}

void Logger::Error(std::string message, std::vector<LogField> fields) {
  Log(LogSeverity::kError, std::move(message), std::move(fields));
}

void Logger::Log(LogSeverity severity, std::string message,
                 std::vector<LogField> fields) {
  const bool taken = work_.TryAdd(
      options_.max_waiting_lines,
      [this, line = LogLine{absl::Now(), severity, std::move(message),
                            std::move(fields)}] {
        const int64_t dropped = dropped_.exchange(0);
        if (dropped > 0) {
          Write({absl::Now(),
                 LogSeverity::kWarning,
                 "log lines were dropped, as the log is read too slowly",
                 {{"lines", dropped}}});
        }
        Write(line);
      });
  if (taken) return;
  ++dropped_;
  on_dropped_();
}

void Logger::Flush(absl::Duration limit) {
  auto written = std::make_shared<absl::Notification>();
  work_.Add([written] { written->Notify(); });
  written->WaitForNotificationWithTimeout(limit);
}

void Logger::Write(const LogLine& line) const {
  write_(absl::StrCat(
      options_.format == "json" ? FormatAsJson(line) : FormatAsText(line),
      "\n"));
}

void WriteToStderr(absl::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace ella
