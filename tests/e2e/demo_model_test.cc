// The model that a newcomer meets: the server's default, asked for scenes that
// its training never showed, judged by the pixels.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/e2e/running_server.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

const fs::path kDemo = ELLA_DEMO_MODEL;

TEST(DemoModelTest, IsSmall) {
  uintmax_t bytes = 0;
  for (const auto& file : fs::recursive_directory_iterator(kDemo)) {
    if (file.is_regular_file()) bytes += file.file_size();
  }
  EXPECT_LE(bytes, 24'000'000u);
}

// Copies some prompts of a set, and their questions.
void CopyPrompts(const fs::path& set, const std::set<std::string>& ids,
                 const fs::path& out) {
  fs::create_directories(out / "prompts");
  for (const std::string& id : ids) {
    fs::copy(set / "prompts" / (id + ".txt"), out / "prompts");
  }
  std::ifstream in(set / "questions.csv");
  std::ofstream questions(out / "questions.csv");
  std::string line;
  for (bool header = true; std::getline(in, line); header = false) {
    if (header || ids.contains(line.substr(0, line.find(',')))) {
      questions << line << '\n';
    }
  }
}

// Noise scores next to nothing.
void ExpectItDraws(const std::string& set, const std::set<std::string>& ids,
                   const std::string& conditioning) {
  const TempFolder temp_folder;
  const fs::path folder = temp_folder.path();
  CopyPrompts(kDemo / "dpg" / set, ids, folder);
  const RunningServer server({}, folder / "server.log");
  ASSERT_FALSE(server.grpc().empty());
  const ProcessResult generated =
      RunElla({"dpg", "generate", folder / "prompts", "-o", folder / "grids",
               "--conditioning", conditioning, "--server", server.grpc()});
  ASSERT_EQ(generated.exit_code, 0) << generated.err;
  const ProcessResult scored =
      RunElla({"dpg", "score", folder / "grids", "64", "--questions",
               folder / "questions.csv", "--judge", "scenes", "--json"});
  ASSERT_EQ(scored.exit_code, 0) << scored.err;
  const auto json = nlohmann::json::parse(scored.out, nullptr, false);
  EXPECT_EQ(json["scored"], 4) << scored.out;
  EXPECT_GE(json["score"], 70) << scored.out;
}

TEST(DemoModelTest, DrawsWhatItIsTold) {
  ExpectItDraws("dense", {"dense-000", "dense-050", "dense-100", "dense-150"},
                "ella");
}

TEST(DemoModelTest, PlainSdDrawsWhatShortCaptionsTell) {
  ExpectItDraws("short", {"short-000", "short-025", "short-050", "short-075"},
                "clip");
}

}  // namespace
}  // namespace ella
