#include "client/output_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class OutputFilesTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  static std::string Content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const TempFolder temp_folder_;
  const std::string& folder_ = temp_folder_.path();
};

TEST_F(OutputFilesTest, NamesOfImages) {
  EXPECT_EQ(ImagePath("out.png", 0), "out.png");
  EXPECT_EQ(ImagePath("out.png", 1), "out.1.png");
  EXPECT_EQ(ImagePath("out.png", 12), "out.12.png");
  EXPECT_EQ(ImagePath("a.b/out", 2), "a.b/out.2");
  EXPECT_EQ(ImagePath("a/v1.5.png", 3), "a/v1.5.3.png");
  EXPECT_EQ(ImagePath("a/.png", 1), "a/.png.1");
}

TEST_F(OutputFilesTest, NamesOfPreviews) {
  EXPECT_EQ(PreviewPath("previews", 12, 0), "previews/step-012.0.png");
  EXPECT_EQ(PreviewPath("previews/", 1000, 3), "previews/step-1000.3.png");
}

TEST_F(OutputFilesTest, WritesAndReplaces) {
  const std::string bytes("\0\xff picture", 10);
  ASSERT_TRUE(WriteFile(Path("out.png"), bytes).ok());
  EXPECT_EQ(Content(Path("out.png")), bytes);
  ASSERT_TRUE(WriteFile(Path("out.png"), "another").ok());
  EXPECT_EQ(Content(Path("out.png")), "another");
  EXPECT_THAT(Names(), UnorderedElementsAre("out.png"));
}

TEST_F(OutputFilesTest, HonoursTheUmask) {
  const mode_t former = umask(027);
  ASSERT_TRUE(WriteFile(Path("out.png"), "bytes").ok());
  umask(former);
  struct stat info = {};
  ASSERT_EQ(stat(Path("out.png").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST_F(OutputFilesTest, TakesTheLongestName) {
  const std::string path = Path(std::string(255, 'n'));
  EXPECT_TRUE(CheckWritable(path).ok());
  EXPECT_TRUE(WriteFile(path, "bytes").ok());
  EXPECT_FALSE(CheckWritable(path + "n").ok());
}

// A limit on the size of files stops a write in the middle, as a full disk
// does, and needs no rights.
TEST_F(OutputFilesTest, AWriteThatFailsLeavesWhatWasThere) {
  ASSERT_TRUE(WriteFile(Path("old.png"), "old").ok());
  const auto former_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit former = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &former), 0);
  const rlimit limit = {1000, former.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  const std::string bytes(5000, 'b');
  const absl::Status replaced = WriteFile(Path("old.png"), bytes);
  const absl::Status created = WriteFile(Path("new.png"), bytes);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &former), 0);
  std::signal(SIGXFSZ, former_handler);

  EXPECT_THAT(std::string(replaced.message()), HasSubstr(Path("old.png")));
  EXPECT_THAT(std::string(replaced.message()), HasSubstr("File too large"));
  EXPECT_FALSE(created.ok());
  EXPECT_EQ(Content(Path("old.png")), "old");
  EXPECT_THAT(Names(), UnorderedElementsAre("old.png"));
}

TEST_F(OutputFilesTest, FullDevice) {
  if (!std::filesystem::exists("/dev/full")) {
    GTEST_SKIP() << "no /dev/full here";
  }
  const absl::Status status = WriteFile("/dev/full", "bytes");
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("/dev/full"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("No space left"));
}

TEST_F(OutputFilesTest, DevicesStayWhatTheyAre) {
  EXPECT_TRUE(CheckWritable("/dev/null").ok());
  EXPECT_TRUE(WriteFile("/dev/null", "bytes").ok());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(OutputFilesTest, NamesWhatCannotBeWritten) {
  ASSERT_TRUE(WriteFile(Path("file"), "bytes").ok());
  for (const std::string& path : {Path("missing/out.png"), Path("file/out.png"),
                                  folder_, std::string("/proc/out.png")}) {
    for (const absl::Status& status :
         {CheckWritable(path), WriteFile(path, "bytes")}) {
      EXPECT_FALSE(status.ok()) << path;
      EXPECT_THAT(std::string(status.message()), HasSubstr(path));
    }
  }
}

TEST_F(OutputFilesTest, ACheckLeavesNothing) {
  EXPECT_TRUE(CheckWritable(Path("out.png")).ok());
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(OutputFilesTest, RemovesOnlyWhatAKillLeft) {
  for (const char* name :
       {".ella-0123456789abcdef.tmp", ".ella-1.png", "a.tmp", ".ella.tmp"}) {
    std::ofstream(Path(name)) << "bytes";
  }
  RemoveLeftovers(folder_);
  EXPECT_THAT(Names(),
              UnorderedElementsAre(".ella-1.png", "a.tmp", ".ella.tmp"));
}

}  // namespace
}  // namespace ella
