#include "client/dpg/answer_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "client/dpg/read_bytes.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kHeader[] = "item_id,crop,proposition_id,answer\n";

// Says "yes" and notes what it was asked.
class RecordingJudge : public Judge {
 public:
  explicit RecordingJudge(std::vector<int>* asked) : asked_(*asked) {}

  absl::StatusOr<std::vector<std::string>> Answer(
      const Crop&, const std::vector<Question>& questions) override {
    for (const Question& question : questions) asked_.push_back(question.id);
    return std::vector<std::string>(questions.size(), "yes");
  }

 private:
  std::vector<int>& asked_;
};

class AnswerFileTest : public ::testing::Test {
 protected:
  void Write(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  std::string Content() { return ReadBytes(path_).value_or("?"); }
  std::unique_ptr<AnswerFile> Open() {
    auto file = AnswerFile::Open(path_);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *std::move(file) : nullptr;
  }

  const TempFolder folder_;
  const std::string path_ = folder_.path() + "/answers.csv";
  const std::vector<Question> questions_ = {{1, "", {}, ""}, {2, "", {}, ""}};
};

TEST_F(AnswerFileTest, GrowsAndIsReadAgain) {
  {
    const auto file = Open();
    ASSERT_TRUE(file);
    EXPECT_TRUE(file->former().empty());
    EXPECT_TRUE(file->Append({"a,b", 0, {}}, questions_, {"yes", "no\n"}).ok());
    EXPECT_EQ(Content(),
              std::string(kHeader) + "\"a,b\",0,1,yes\n\"a,b\",0,2,\"no\n\"\n");
  }
  const auto file = Open();
  ASSERT_TRUE(file);
  EXPECT_EQ(file->former().size(), 2u);
  EXPECT_EQ(file->former().at({"a,b", 0, 2}), "no\n");
}

TEST_F(AnswerFileTest, AJudgeIsAskedForWhatIsMissing) {
  Write(std::string(kHeader) + "a,0,2,no\nb,0,1,no\n");
  const auto file = Open();
  ASSERT_TRUE(file);
  std::vector<int> asked;
  SavingJudge judge(std::make_unique<RecordingJudge>(&asked), file.get());
  const auto answers = judge.Answer({"a", 0, {}}, questions_);
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT(*answers, ElementsAre("yes", "no"));
  EXPECT_THAT(asked, ElementsAre(1));
  EXPECT_EQ(Content(),
            std::string(kHeader) + "a,0,2,no\nb,0,1,no\na,0,1,yes\n");
}

TEST_F(AnswerFileTest, CutsOffALineThatWasCutShort) {
  Write(std::string(kHeader) + "a,0,1,yes\na,0,2,y");
  const auto file = Open();
  ASSERT_TRUE(file);
  EXPECT_EQ(file->former().size(), 1u);
  EXPECT_EQ(Content(), std::string(kHeader) + "a,0,1,yes\n");
}

TEST_F(AnswerFileTest, StartsAnewAfterAHeaderThatWasCutShort) {
  Write("item_id,cr");
  ASSERT_TRUE(Open());
  EXPECT_EQ(Content(), kHeader);
}

TEST_F(AnswerFileTest, LeavesForeignFilesAlone) {
  const std::string foreign = "item_id,answer\na,yes\n";
  Write(foreign);
  const auto file = AnswerFile::Open(path_);
  EXPECT_THAT(std::string(file.status().message()), HasSubstr(path_));
  EXPECT_EQ(Content(), foreign);
}

TEST_F(AnswerFileTest, NamesAFolderThatIsMissing) {
  const auto file = AnswerFile::Open(folder_.path() + "/no/answers.csv");
  EXPECT_TRUE(absl::IsNotFound(file.status())) << file.status();
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("no/answers"));
}

// A limit on the size of files stops a write in the middle, as a full disk
// does, and needs no rights.
TEST_F(AnswerFileTest, AFullDiskKeepsTheEarlierAnswers) {
  const auto file = Open();
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->Append({"a", 0, {}}, questions_, {"yes", "no"}).ok());
  const std::string earlier = Content();
  const auto former_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit former = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &former), 0);
  const rlimit limit = {earlier.size() + 3, former.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  const absl::Status status =
      file->Append({"a", 1, {}}, questions_, {"yes", "no"});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &former), 0);
  std::signal(SIGXFSZ, former_handler);
  EXPECT_THAT(std::string(status.message()), HasSubstr(path_));
  EXPECT_THAT(std::string(status.message()), HasSubstr("File too large"));
  EXPECT_EQ(Content(), earlier);
}

}  // namespace
}  // namespace ella
