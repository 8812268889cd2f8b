#include "server/identity/file_reloader.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FileReloaderTest : public ::testing::Test {
 protected:
  const TempFolder folder_;
  const std::string a_ = folder_.Write("a", "one");
  const std::string b_ = folder_.Write("b", "two");
  FakeClock clock_;  // long before the files
  std::vector<std::string> used_;
  std::vector<std::string> warnings_;
  // Takes all but what holds "bad".
  FileReloader reloader_{
      {a_, b_},
      &clock_,
      [this](const std::vector<std::string>& contents) {
        const std::string all = absl::StrJoin(contents, "+");
        if (absl::StrContains(all, "bad")) {
          return absl::InvalidArgumentError(absl::StrCat(a_, ": is bad"));
        }
        used_.push_back(all);
        return absl::OkStatus();
      },
      [this](absl::string_view warning) {
        warnings_.push_back(std::string(warning));
      }};
};

TEST_F(FileReloaderTest, AChangeCountsFromTheNextLook) {
  ASSERT_TRUE(reloader_.Load().ok());
  reloader_.Refresh();
  EXPECT_THAT(used_, ElementsAre("one+two"));
  folder_.Write("b", "owt");
  reloader_.Refresh();
  reloader_.Refresh();
  EXPECT_THAT(used_, ElementsAre("one+two", "one+owt"));
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(FileReloaderTest, OldFilesAreReadOnlyWhereTheirStampChanges) {
  clock_.Advance(absl::Hours(24 * 365 * 100));
  ASSERT_TRUE(reloader_.Load().ok());
  reloader_.Refresh();
  folder_.Write("b", "three");
  reloader_.Refresh();
  EXPECT_THAT(used_, ElementsAre("one+two", "one+three"));
  std::filesystem::rename(folder_.Write("new", "eno"), a_);
  reloader_.Refresh();
  EXPECT_THAT(used_, ElementsAre("one+two", "one+three", "eno+three"));
}

TEST_F(FileReloaderTest, ARenamedFileAndALinkElsewhereAreChanges) {
  const std::string link = folder_.path() + "/link";
  std::filesystem::create_symlink(a_, link);
  FileReloader linked(
      {link}, &clock_,
      [this](const std::vector<std::string>& contents) {
        used_.push_back(contents[0]);
        return absl::OkStatus();
      },
      nullptr);
  ASSERT_TRUE(linked.Load().ok());
  std::filesystem::rename(folder_.Write("new", "uno"), a_);
  linked.Refresh();
  // As a cluster swaps a secret's files.
  std::filesystem::create_symlink(b_, link + ".new");
  std::filesystem::rename(link + ".new", link);
  linked.Refresh();
  EXPECT_THAT(used_, ElementsAre("one", "uno", "two"));
}

TEST_F(FileReloaderTest, WhatCantBeUsedIsToldOnceAndChangesNothing) {
  ASSERT_TRUE(reloader_.Load().ok());
  folder_.Write("a", "bad");
  reloader_.Refresh();
  reloader_.Refresh();
  ASSERT_THAT(warnings_, SizeIs(1));
  EXPECT_THAT(warnings_[0], AllOf(HasSubstr(a_ + ": is bad"),
                                  HasSubstr("before still counts")));
  std::filesystem::remove(a_);
  reloader_.Refresh();
  reloader_.Refresh();
  ASSERT_THAT(warnings_, SizeIs(2));
  EXPECT_THAT(warnings_[1], HasSubstr(a_));
  EXPECT_THAT(used_, ElementsAre("one+two"));
  folder_.Write("a", "good");
  reloader_.Refresh();
  EXPECT_THAT(used_, ElementsAre("one+two", "good+two"));
  // The same again is news again.
  folder_.Write("a", "bad");
  reloader_.Refresh();
  EXPECT_THAT(warnings_, SizeIs(3));
}

TEST_F(FileReloaderTest, TheFirstErrorNamesTheFile) {
  const auto error = [this](const std::string& path) {
    return std::string(
        FileReloader(
            {b_, path}, &clock_,
            [](const std::vector<std::string>&) { return absl::OkStatus(); },
            nullptr)
            .Load()
            .message());
  };
  EXPECT_THAT(error(folder_.path() + "/none"),
              HasSubstr(folder_.path() + "/none: "));
  EXPECT_THAT(error(folder_.path()), HasSubstr("is no regular file"));
  EXPECT_THAT(error(folder_.Write("big", std::string(2 << 20, 'x'))),
              HasSubstr("more than 1048576 bytes"));
  EXPECT_EQ(error(folder_.Write("empty", "")), "");
}

}  // namespace
}  // namespace ella
