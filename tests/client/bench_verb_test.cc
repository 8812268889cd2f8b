#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/client/ella_command.h"
#include "tests/client/fake_service.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;

class BenchVerbTest : public ::testing::Test {
 protected:
  // Returns the exit code.
  int Bench(std::vector<std::string> args, const std::string& server) {
    args.insert(args.begin(), {"bench", "--server", server});
    const CommandResult result = RunCommand(args);
    out_ = result.out;
    err_ = result.err;
    return result.code;
  }

  int Bench(const std::vector<std::string>& args) {
    return Bench(args, server_.address());
  }

  FakeServer server_;
  const TempFolder temp_folder_;
  const std::string& folder_ = temp_folder_.path();
  std::string out_;
  std::string err_;
};

TEST_F(BenchVerbTest, PrintsOneJsonObject) {
  server_.service().AddScript(
      Refusal(RetryStatus(grpc::RESOURCE_EXHAUSTED, 1)));
  server_.service().AddScript(Success(1));
  ASSERT_EQ(Bench({"--requests", "5", "--steps", "7", "--json"}), 0) << err_;
  const json summary = json::parse(out_);
  EXPECT_EQ(summary["requests"]["begun"], 5);
  EXPECT_EQ(summary["requests"]["unended"], 0);
  EXPECT_EQ(summary["requests"]["refusals"], 1);
  EXPECT_EQ(summary["outcomes"],
            json::parse(R"({"OK": 4, "RESOURCE_EXHAUSTED": 1})"));
  EXPECT_EQ(summary["load"]["concurrency"], 1);
  EXPECT_EQ(summary["latency_s"]["count"], 4);
  EXPECT_EQ(summary["text_cache_hit_share"], 0.5);
  EXPECT_EQ(server_.service().requests()[0].steps(), 7u);
  EXPECT_EQ(err_, "");
}

TEST_F(BenchVerbTest, PrintsATable) {
  server_.service().AddScript(Success(1));
  ASSERT_EQ(Bench({"--requests", "2"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("2 begun"));
  EXPECT_THAT(out_, HasSubstr("2 OK"));
}

TEST_F(BenchVerbTest, ReplaysThePlanThatItWrote) {
  const std::string plan = folder_ + "/plan.jsonl";
  ASSERT_EQ(Bench({"--rate", "1000", "--requests", "6", "--steps", "2-9",
                   "--seed", "5", "--plan", plan}),
            0)
      << err_;
  EXPECT_EQ(server_.service().requests().size(), 0u);
  server_.service().AddScript(Success(1));
  ASSERT_EQ(Bench({"--replay", plan, "--json"}), 0) << err_;
  EXPECT_EQ(json::parse(out_)["outcomes"], json::parse(R"({"OK": 6})"));
  std::multiset<uint32_t> planned, sent;
  std::ifstream file(plan);
  for (std::string line; std::getline(file, line);) {
    planned.insert(json::parse(line)["seed"].get<uint32_t>());
  }
  for (const v1::GenerateRequest& request : server_.service().requests()) {
    sent.insert(request.seed());
  }
  EXPECT_EQ(planned.size(), 6u);
  EXPECT_EQ(sent, planned);
}

TEST_F(BenchVerbTest, SaysWhyItCannotConnect) {
  EXPECT_EQ(Bench({"--requests", "1", "--json"}, "127.0.0.1:1"), 1);
  EXPECT_THAT(err_, HasSubstr("UNAVAILABLE"));
  EXPECT_EQ(json::parse(out_)["error"]["code"], "UNAVAILABLE");
}

TEST_F(BenchVerbTest, BadUsageNamesTheFlag) {
  EXPECT_EQ(Bench({"--steps", "many"}), 2);
  EXPECT_THAT(err_, HasSubstr("--steps"));
  EXPECT_EQ(Bench({"--replay", folder_ + "/none"}), 2);
  EXPECT_THAT(err_, HasSubstr("--replay"));
  EXPECT_EQ(server_.service().requests().size(), 0u);
}

TEST_F(BenchVerbTest, SaysWhereAPlanCannotBeWritten) {
  EXPECT_EQ(
      Bench({"--rate", "9", "--requests", "1", "--plan", folder_ + "/a/b"}), 1);
  EXPECT_THAT(err_, HasSubstr("/a/b"));
}

}  // namespace
}  // namespace ella
