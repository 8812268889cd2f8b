#include "client/grid_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/barrier.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "tests/client/flat_pictures.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class GridRunnerTest : public ::testing::Test {
 protected:
  GridRunnerTest() {
    options_.server.addresses = {server_.address()};
    options_.on_end = [this](const GridJob& job, const absl::Status& status) {
      ended_[job.name] = status;
    };
    options_.on_progress = [this](const GridProgress& progress) {
      progress_ = progress;
    };
  }

  // A grid of so many requests, which differ in their seeds.
  GridJob Job(const std::string& name, int requests) {
    GridJob job;
    job.name = name;
    job.path = folder_.path() + "/" + name + ".png";
    for (int i = 0; i < requests; ++i) {
      v1::GenerateRequest& request = job.requests.emplace_back();
      request.set_prompt(name);
      request.set_seed(i);
      request.set_width(2);
      request.set_height(2);
      request.set_num_images(1);
    }
    return job;
  }

  absl::Status Draw(const std::vector<GridJob>& jobs) {
    return DrawGrids(jobs, options_, &cancellation_);
  }

  // The names of those that ended well.
  std::vector<std::string> Drawn() {
    std::vector<std::string> names;
    for (const auto& [name, status] : ended_) {
      if (status.ok()) names.push_back(name);
    }
    return names;
  }

  static bool Exists(const GridJob& job) {
    return std::filesystem::exists(job.path);
  }

  FakeServer server_;
  const TempFolder folder_;
  GridRunnerOptions options_;
  Cancellation cancellation_;
  std::map<std::string, absl::Status> ended_;
  GridProgress progress_;
};

TEST_F(GridRunnerTest, CellsKeepTheOrderOfRequests) {
  options_.in_flight = 2;
  options_.layout.columns = 2;
  absl::Notification second_has_ended;
  server_.service().AddScript(
      [&](const v1::GenerateRequest& request, FakeService::Writer& writer) {
        if (request.seed() == 0) second_has_ended.WaitForNotification();
        const grpc::Status status = DrawFlat()(request, writer);
        if (request.seed() == 1) second_has_ended.Notify();
        return status;
      });
  GridJob job = Job("a", 2);
  job.texts = {{"key", "value"}};
  ASSERT_TRUE(Draw({job}).ok());
  const DecodedPng png = ReadPng(job.path);
  EXPECT_EQ(PixelOf(png.image, 0, 0), FlatColor(job.requests[0], 0));
  EXPECT_EQ(PixelOf(png.image, 2, 0), FlatColor(job.requests[1], 0));
  EXPECT_EQ(TextOf(png, "key"), "value");
  EXPECT_EQ(progress_.ended, 1u);
  EXPECT_EQ(progress_.share, 1);
}

TEST_F(GridRunnerTest, AsManyRequestsAsAllowedAreInFlight) {
  constexpr int kInFlight = 3;
  options_.in_flight = kInFlight;
  absl::Barrier* all = new absl::Barrier(kInFlight);
  absl::Mutex mutex;
  int begun = 0, running = 0, most = 0;
  server_.service().AddScript(
      [&](const v1::GenerateRequest& request, FakeService::Writer& writer) {
        bool first = false;
        {
          absl::MutexLock lock(&mutex);
          most = std::max(most, ++running);
          first = begun++ < kInFlight;
        }
        // None of them goes on before all are there.
        if (first && all->Block()) delete all;
        {
          absl::MutexLock lock(&mutex);
          --running;
        }
        return DrawFlat()(request, writer);
      });
  std::vector<GridJob> jobs;
  for (int i = 0; i < 9; ++i) jobs.push_back(Job(absl::StrCat(i), 1));
  ASSERT_TRUE(Draw(jobs).ok());
  EXPECT_EQ(most, kInFlight);
  EXPECT_EQ(Drawn().size(), 9u);
}

TEST_F(GridRunnerTest, ARefusedPromptHoldsNobodyUp) {
  options_.layout.columns = 2;
  server_.service().AddScript(
      [](const v1::GenerateRequest& request, FakeService::Writer& writer) {
        if (request.prompt() != "b") return DrawFlat()(request, writer);
        return BadRequestStatus("1 field is wrong", {{"prompt", "too long"}});
      });
  const std::vector<GridJob> jobs = {Job("a", 2), Job("b", 2), Job("c", 2)};
  EXPECT_TRUE(Draw(jobs).ok());
  EXPECT_THAT(Drawn(), ElementsAre("a", "c"));
  EXPECT_TRUE(absl::IsInvalidArgument(ended_["b"]));
  EXPECT_FALSE(Exists(jobs[1]));
  EXPECT_EQ(progress_.ended, 3u);
  EXPECT_EQ(progress_.share, 1);
  // The second request of the failed grid was not sent.
  EXPECT_EQ(server_.service().requests().size(), 5u);
}

TEST_F(GridRunnerTest, APictureThatIsNoneHoldsNobodyUp) {
  server_.service().AddScript(Success(1));
  server_.service().AddScript(DrawFlat());
  EXPECT_TRUE(Draw({Job("a", 1), Job("b", 1)}).ok());
  EXPECT_THAT(Drawn(), ElementsAre("b"));
  EXPECT_TRUE(absl::IsInternal(ended_["a"])) << ended_["a"];
}

TEST_F(GridRunnerTest, RefusedSettingsEndTheRun) {
  server_.service().AddScript(DrawFlat());
  server_.service().AddScript(
      Refusal(BadRequestStatus("1 field is wrong", {{"steps", "was 0"}})));
  const absl::Status status = Draw({Job("a", 1), Job("b", 1), Job("c", 1)});
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("b: 1 field is wrong"));
  EXPECT_THAT(Drawn(), ElementsAre("a"));
  EXPECT_EQ(server_.service().requests().size(), 2u);
}

TEST_F(GridRunnerTest, AFileThatCannotBeWrittenEndsTheRun) {
  server_.service().AddScript(DrawFlat());
  std::vector<GridJob> jobs = {Job("a", 1), Job("b", 1), Job("c", 1)};
  jobs[1].path = folder_.path() + "/none/b.png";
  const absl::Status status = Draw(jobs);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("cannot write " + jobs[1].path));
  EXPECT_THAT(Drawn(), ElementsAre("a"));
  EXPECT_TRUE(Exists(jobs[0]));
}

TEST_F(GridRunnerTest, ARestartOfTheServerIsRiddenOut) {
  server_.service().AddScript(
      [](const v1::GenerateRequest& request, FakeService::Writer& writer) {
        writer.Write(QueuedEvent(request.request_id()));
        writer.Write(
            ImageEvent(0, request.seed(),
                       *EncodePng({2, 2, std::vector<uint8_t>(12, 200)}, {})));
        return grpc::Status(grpc::UNAVAILABLE, "shutting down");
      });
  server_.service().AddScript(DrawFlat());
  GridJob job = Job("a", 1);
  job.requests[0].set_num_images(2);
  options_.layout.columns = 2;
  EXPECT_TRUE(Draw({job}).ok());
  EXPECT_EQ(server_.service().requests().size(), 2u);
  const DecodedPng png = ReadPng(job.path);
  EXPECT_EQ(PixelOf(png.image, 0, 0), (Rgb{200, 200, 200}));
  EXPECT_EQ(PixelOf(png.image, 2, 0), FlatColor(job.requests[0], 1));
}

TEST_F(GridRunnerTest, RequestsAreSpreadOverTheServers) {
  FakeServer second;
  options_.server.addresses.push_back(second.address());
  options_.in_flight = 2;
  absl::Barrier* both = new absl::Barrier(2);
  const auto draw = [&](const v1::GenerateRequest& request,
                        FakeService::Writer& writer) {
    if (both->Block()) delete both;
    return DrawFlat()(request, writer);
  };
  server_.service().AddScript(draw);
  second.service().AddScript(draw);
  EXPECT_TRUE(Draw({Job("a", 1), Job("b", 1)}).ok());
  EXPECT_EQ(server_.service().requests().size(), 1u);
  EXPECT_EQ(second.service().requests().size(), 1u);
}

TEST_F(GridRunnerTest, CancellationEndsAllCalls) {
  options_.in_flight = 2;
  absl::Barrier* both = new absl::Barrier(2);
  std::atomic<int> ended = 0;
  server_.service().AddScript(
      [&](const v1::GenerateRequest&, FakeService::Writer& writer) {
        if (both->Block()) {
          delete both;
          cancellation_.Cancel();
        }
        while (writer.Write(ProgressEvent(1, 2))) {
        }
        ++ended;
        return grpc::Status::OK;
      });
  const absl::Status status = Draw({Job("a", 1), Job("b", 1), Job("c", 1)});
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_THAT(ended_, testing::IsEmpty());
  EXPECT_EQ(server_.service().requests().size(), 2u);
}

TEST_F(GridRunnerTest, NothingToDrawIsNoError) { EXPECT_TRUE(Draw({}).ok()); }

}  // namespace
}  // namespace ella
