#include "scenes/prompt_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/temp_folder.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void ExpectIsWrittenAs(const PromptSet& set, const fs::path& folder) {
  std::set<std::string> names;
  for (const ScenePrompt& prompt : set.prompts) {
    names.insert(prompt.id + ".txt");
    EXPECT_EQ(ReadFile(folder / "prompts" / (prompt.id + ".txt")),
              prompt.text + "\n");
  }
  std::set<std::string> found;
  std::error_code error;
  for (const auto& it : fs::directory_iterator(folder / "prompts", error)) {
    found.insert(it.path().filename().string());
  }
  EXPECT_EQ(found, names);
  // Not EXPECT_EQ, which would print a megabyte.
  EXPECT_TRUE(ReadFile(folder / "questions.csv") == set.questions_csv);
}

// The commands are in scenes/README.md.
TEST(PromptSetTest, TheCommittedSetsAreWhatIsGenerated) {
  ExpectIsWrittenAs(MakePromptSet({Split::kHeldOut, true, 200, 1}),
                    "models/demo/dpg/dense");
  ExpectIsWrittenAs(MakePromptSet({Split::kTraining, false, 100, 2}),
                    "models/demo/dpg/short");
}

TEST(PromptSetTest, PlainPromptsHaveTheQuestionsOfTheOthers) {
  const PromptSet dense = MakePromptSet({.count = 20});
  const PromptSet plain = MakePromptSet({.count = 20, .plain = true});
  ASSERT_EQ(plain.prompts.size(), dense.prompts.size());
  const auto lines = [](const std::string& csv) {
    return std::count(csv.begin(), csv.end(), '\n');
  };
  EXPECT_EQ(lines(plain.questions_csv), lines(dense.questions_csv));
  for (size_t i = 0; i < dense.prompts.size(); ++i) {
    EXPECT_EQ(plain.prompts[i].id, dense.prompts[i].id);
    EXPECT_NE(plain.prompts[i].text, dense.prompts[i].text);
  }
}

TEST(PromptSetTest, NoPromptTwice) {
  const PromptSet set = MakePromptSet({Split::kTraining, false, 1000, 5});
  std::set<std::string> texts;
  for (const ScenePrompt& prompt : set.prompts) texts.insert(prompt.text);
  EXPECT_EQ(texts.size(), 1000);
}

class PromptSetFolderTest : public ::testing::Test {
 protected:
  const TempFolder temp_folder_;
  const fs::path folder_ = temp_folder_.path();
};

TEST_F(PromptSetFolderTest, WritesTheFolder) {
  const PromptSet set = MakePromptSet({Split::kHeldOut, true, 3, 7});
  ASSERT_TRUE(WritePromptSet(set, folder_ / "new").ok());
  ExpectIsWrittenAs(set, folder_ / "new");
}

TEST_F(PromptSetFolderTest, SaysWhichFileFails) {
  const PromptSet set = MakePromptSet({Split::kHeldOut, true, 1, 7});
  fs::create_directories(folder_ / "prompts" / "dense-000.txt");
  const absl::Status status = WritePromptSet(set, folder_);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(std::string(status.message()).find("dense-000.txt"),
            std::string::npos);
}

}  // namespace
}  // namespace ella
