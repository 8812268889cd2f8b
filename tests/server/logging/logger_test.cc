#include "server/logging/logger.h"

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Lines {
 public:
  void Add(absl::string_view line) {
    absl::MutexLock lock(&mutex_);
    lines_.emplace_back(line);
  }
  std::vector<std::string> all() const {
    absl::MutexLock lock(&mutex_);
    return lines_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

TEST(LoggerTest, ItsEndWritesWhatWaits) {
  Lines lines;
  {
    Logger logger(
        {}, [&](absl::string_view line) { lines.Add(line); }, [] {});
    logger.Info("one", {{"n", 1}});
    logger.Warning("two");
    logger.Error("three");
  }
  EXPECT_THAT(lines.all(), ElementsAre(EndsWith("Z INFO one n=1\n"),
                                       EndsWith("Z WARNING two\n"),
                                       EndsWith("Z ERROR three\n")));
}

TEST(LoggerTest, WritesJsonWhereAsked) {
  Lines lines;
  Logger logger(
      {.format = "json"}, [&](absl::string_view line) { lines.Add(line); },
      [] {});
  logger.Info("serving grpc=127.0.0.1:1 http=127.0.0.1:2");
  logger.Flush(absl::InfiniteDuration());
  EXPECT_THAT(lines.all(),
              ElementsAre(AllOf(StartsWith("{\"time\":"), EndsWith("\"}\n"),
                                HasSubstr("serving grpc=127.0.0.1:1 "
                                          "http=127.0.0.1:2"))));
}

TEST(LoggerTest, NobodyWaitsForASlowReader) {
  Lines lines;
  absl::Notification writing, go;
  int dropped = 0;
  Logger logger(
      {.max_waiting_lines = 2},
      [&](absl::string_view line) {
        if (!writing.HasBeenNotified()) writing.Notify();
        go.WaitForNotification();
        lines.Add(line);
      },
      [&] { ++dropped; });
  logger.Info("in work");
  writing.WaitForNotification();
  for (const char* line : {"first", "second", "third", "fourth"}) {
    logger.Info(line);
  }
  EXPECT_EQ(dropped, 2);
  logger.Flush(absl::ZeroDuration());
  EXPECT_THAT(lines.all(), ElementsAre());
  go.Notify();
  logger.Flush(absl::InfiniteDuration());
  EXPECT_THAT(lines.all(),
              ElementsAre(EndsWith("in work\n"),
                          AllOf(HasSubstr("WARNING"), HasSubstr("dropped"),
                                EndsWith("lines=2\n")),
                          EndsWith("first\n"), EndsWith("second\n")));
  logger.Info("after");
  logger.Flush(absl::InfiniteDuration());
  EXPECT_THAT(lines.all().back(), EndsWith("after\n"));
  EXPECT_EQ(dropped, 2);
}

}  // namespace
}  // namespace ella
