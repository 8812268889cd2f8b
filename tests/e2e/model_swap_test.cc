// Real models that are swapped at run time, under load.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "tests/e2e/running_server.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::HasSubstr;

class ModelSwapTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_FALSE(server_.grpc().empty()); }

  std::string Path(const std::string& name) const {
    return folder_.path() + "/" + name;
  }

  ProcessResult Load(const std::string& model) const {
    return RunElla({"models", "load", model, "--server", server_.grpc()});
  }

  // The PNG of one prompt and seed.
  std::string Draw(const std::string& name) const {
    const ProcessResult drawn =
        RunElla({"generate", "a red circle", "--seed", "3", "--steps", "4",
                 "-o", Path(name), "--server", server_.grpc()});
    EXPECT_EQ(drawn.exit_code, 0) << drawn.err;
    std::ifstream file(Path(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const TempFolder folder_;
  const RunningServer server_{
      {"--model", "demo=" ELLA_DEMO_MODEL, "--admin", "--warm-up-seconds", "1"},
      Path("server.log")};
};

TEST_F(ModelSwapTest, NoRequestIsLostAndPicturesStayTheSame) {
  const std::string before = Draw("before.png");
  ProcessResult bench;
  std::thread load([&] {
    bench = RunElla({"bench", "--duration", "8", "--concurrency", "4",
                     "--steps", "4", "--json", "--server", server_.grpc()});
  });
  for (int i = 0; i < 3; ++i) {
    const ProcessResult loaded = Load("demo=" ELLA_DEMO_MODEL);
    EXPECT_EQ(loaded.exit_code, 0) << loaded.err;
  }
  load.join();
  ASSERT_EQ(bench.exit_code, 0) << bench.err;
  const auto report = nlohmann::json::parse(bench.out, nullptr, false);
  EXPECT_GT(report["outcomes"]["OK"], 0) << bench.out;
  EXPECT_EQ(report["outcomes"].size(), 1u) << bench.out;
  EXPECT_EQ(Draw("after.png"), before);
}

TEST_F(ModelSwapTest, AModelThatDoesNotLoadLeavesTheOldOne) {
  const std::string before = Draw("before.png");
  const ProcessResult loaded = Load("demo=" + folder_.path());
  EXPECT_NE(loaded.exit_code, 0);
  EXPECT_THAT(loaded.err, HasSubstr("NOT_FOUND"));
  EXPECT_EQ(Draw("after.png"), before);
}

}  // namespace
}  // namespace ella
