#include "client/input_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class InputFilesTest : public ::testing::Test {
 protected:
  std::string File(const std::string& name, const std::string& bytes) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  static std::string ErrorOf(const std::string& path) {
    const absl::Status status = ReadTextFile(path).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
    return std::string(status.message());
  }

  const TempFolder folder_;
};

TEST_F(InputFilesTest, ReadsBytesAsTheyAre) {
  const std::string bytes(" a\r\n\0\xff ", 7);
  EXPECT_EQ(*ReadFile(File("a", bytes)), bytes);
}

TEST_F(InputFilesTest, TextHasNoSpaceAtItsEnds) {
  EXPECT_EQ(*ReadTextFile(File("a", "\n a caf\xc3\xa9 \r\n")), "a caf\xc3\xa9");
  EXPECT_EQ(*ReadTextFile(File("b", " \n")), "");
}

TEST_F(InputFilesTest, NamesTheFileThatIsNoText) {
  EXPECT_THAT(ErrorOf(File("a", "\xff")), HasSubstr("not UTF-8"));
  EXPECT_THAT(ErrorOf(File("b", std::string("a\0b", 3))), HasSubstr("NUL"));
  EXPECT_THAT(ErrorOf(folder_.path() + "/none"), HasSubstr("cannot open"));
  EXPECT_THAT(ErrorOf(folder_.path()), HasSubstr("cannot read"));
}

TEST_F(InputFilesTest, ListsTextFilesInOrder) {
  const std::string b = File("b.txt", "");
  const std::string a = File("a.txt", "");
  File("c.md", "");
  EXPECT_THAT(*ListTextFiles(folder_.path()), ElementsAre(a, b));
  EXPECT_THAT(
      std::string(ListTextFiles(folder_.path() + "/none").status().message()),
      HasSubstr("/none: No such file"));
}

}  // namespace
}  // namespace ella
