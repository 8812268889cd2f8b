#include "client/grid_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "client/rpc_status.h"
#include "nlohmann/json.hpp"

namespace ella {
namespace {

using ::nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class GridReportTest : public ::testing::Test {
 protected:
  GridReportTest() {
    options_.server.addresses = {"host:1"};
    job_.name = "a";
    job_.path = "out/a.png";
    job_.requests.emplace_back().set_prompt("a fox");
  }

  // What is on the terminal of a run that took so long to come so far.
  std::string Line(const GridProgress& progress) {
    GridReport report(streams_, false);
    report.Attach(&options_);
    err_.str("");
    options_.on_progress(progress);
    return err_.str();
  }

  std::istringstream in_;
  std::ostringstream out_, err_;
  const Streams streams_{in_, out_, err_, /*terminal=*/true};
  GridRunnerOptions options_;
  GridJob job_;
};

TEST_F(GridReportTest, ShowsTheTimeLeft) {
  EXPECT_EQ(Line({40, 3, 0.1, absl::Seconds(5)}),
            "\r3/40 [###...........................] 45 s left");
  EXPECT_THAT(Line({40, 3, 0.1, absl::Minutes(2)}), EndsWith(" 18 min left"));
  EXPECT_THAT(Line({40, 3, 0.1, absl::Hours(1)}), EndsWith(" 9.0 h left"));
  EXPECT_THAT(Line({40, 0, 0, absl::Seconds(5)}), EndsWith(".]"));
  EXPECT_THAT(Line({40, 40, 1, absl::Seconds(5)}), EndsWith("#] 0 s left"));
}

TEST_F(GridReportTest, NamesFilesAndErrors) {
  GridReport report(streams_, false);
  report.Attach(&options_);
  options_.on_end(job_, absl::OkStatus());
  job_.name = "b";
  options_.on_end(job_, absl::InvalidArgumentError("too long"));
  options_.on_retry("host:1", absl::UnavailableError("gone"), absl::Seconds(2));
  EXPECT_EQ(report.Finish(absl::OkStatus()), kFailed);
  EXPECT_EQ(out_.str(), "out/a.png\n");
  EXPECT_EQ(err_.str(),
            "ella: INVALID_ARGUMENT: b: too long\n"
            "ella: host:1: UNAVAILABLE: gone; trying again in 2.0 s\n");
}

TEST_F(GridReportTest, PrintsOneJsonObject) {
  GridReport report(streams_, true);
  report.Attach(&options_);
  options_.on_end(job_, absl::OkStatus());
  report.json()["more"] = 1;
  EXPECT_EQ(report.Finish(absl::NotFoundError("no model"), kBadUsage),
            kBadUsage);
  EXPECT_EQ(json::parse(out_.str()), json::parse(R"({
      "grids": [{"name": "a", "file": "out/a.png", "prompt": "a fox"}],
      "failed": [], "more": 1,
      "error": {"code": "NOT_FOUND", "message": "no model", "fields": []}})"));
  EXPECT_THAT(err_.str(), HasSubstr("NOT_FOUND: no model"));
}

TEST(WithNameTest, KeepsTheDetails) {
  absl::Status error = absl::InvalidArgumentError("bad");
  error.SetPayload("type", absl::Cord("details"));
  const absl::Status named = WithName("a", error);
  EXPECT_EQ(named.ToString(), "INVALID_ARGUMENT: a: bad [type='details']");
}

}  // namespace
}  // namespace ella
