#include "client/bench/prompts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::ElementsAre;

class PromptsTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  const TempFolder temp_folder_;
  const std::string& folder_ = temp_folder_.path();
};

TEST_F(PromptsTest, OfAFileEachLineIsOne) {
  const auto prompts =
      ReadPrompts(Write("list", "a fox\r\n\n  two cats\nlast"));
  ASSERT_TRUE(prompts.ok()) << prompts.status();
  EXPECT_THAT(*prompts, ElementsAre("a fox", "two cats", "last"));
}

TEST_F(PromptsTest, OfAFolderEachTextIsOne) {
  Write("b.txt", "second\nwith two lines\n");
  Write("a.txt", "first\n");
  Write("c.md", "not a prompt");
  const auto prompts = ReadPrompts(folder_);
  ASSERT_TRUE(prompts.ok()) << prompts.status();
  EXPECT_THAT(*prompts, ElementsAre("first", "second\nwith two lines"));
}

TEST_F(PromptsTest, RefusesNothingAndWhatIsNoText) {
  EXPECT_FALSE(ReadPrompts(folder_).ok());
  EXPECT_FALSE(ReadPrompts(folder_ + "/none").ok());
  EXPECT_FALSE(ReadPrompts(Write("empty", "\n \n")).ok());
  EXPECT_FALSE(ReadPrompts(Write("latin1", "caf\xe9\n")).ok());
}

TEST(BuiltInPromptsTest, AreSeveral) { EXPECT_GE(BuiltInPrompts().size(), 4u); }

}  // namespace
}  // namespace ella
