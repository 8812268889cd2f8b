#include "client/compare_prompts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::HasSubstr;

class ComparePromptsTest : public ::testing::Test {
 protected:
  std::string File(const std::string& name, const std::string& bytes) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  // "name: text" of each.
  static std::vector<std::string> Read(const std::string& path) {
    std::vector<std::string> lines;
    const auto prompts = ReadNamedPrompts(path);
    EXPECT_TRUE(prompts.ok()) << prompts.status();
    for (const NamedPrompt& prompt : *prompts) {
      lines.push_back(prompt.name + ": " + prompt.text);
    }
    return lines;
  }

  static std::string ErrorOf(const std::string& path) {
    return std::string(ReadNamedPrompts(path).status().message());
  }

  const TempFolder folder_;
};

TEST_F(ComparePromptsTest, NineDefaultsShortAndDense) {
  std::set<std::string> names;
  int dense = 0;
  for (const NamedPrompt& prompt : DefaultPrompts()) {
    names.insert(prompt.name);
    const auto sentences =
        std::count(prompt.text.begin(), prompt.text.end(), '.');
    EXPECT_LE(sentences, 5) << prompt.name;
    if (sentences >= 2) ++dense;
  }
  EXPECT_EQ(names.size(), 9u);
  EXPECT_EQ(dense, 6);
}

TEST_F(ComparePromptsTest, LinesOfAFileAreNumbered) {
  EXPECT_THAT(Read(File("prompts.txt", "a fox\r\n\n two foxes \n")),
              testing::ElementsAre("000: a fox", "001: two foxes"));
}

TEST_F(ComparePromptsTest, FilesOfAFolderKeepTheirNames) {
  File("fox.txt", "a fox\n");
  File("dog.txt", "a dog.\nit sleeps.");
  File("notes.md", "no prompt");
  EXPECT_THAT(Read(folder_.path()),
              testing::ElementsAre("dog: a dog.\nit sleeps.", "fox: a fox"));
}

TEST_F(ComparePromptsTest, SaysWhichFileIsNone) {
  EXPECT_THAT(ErrorOf(folder_.path()), HasSubstr("has no prompts"));
  EXPECT_THAT(ErrorOf(File("blank.txt", " \n\n")), HasSubstr("has no prompts"));
  EXPECT_THAT(ErrorOf(folder_.path()), HasSubstr("blank.txt is empty"));
  EXPECT_THAT(ErrorOf(File("a.txt", "\xff")), HasSubstr("a.txt is not UTF-8"));
  EXPECT_THAT(ErrorOf(folder_.path() + "/none"), HasSubstr("cannot open"));
}

}  // namespace
}  // namespace ella
