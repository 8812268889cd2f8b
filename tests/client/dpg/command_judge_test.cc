#include "client/dpg/command_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/dpg/read_bytes.h"
#include "image/png_codec.h"
#include "nlohmann/json.hpp"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Duration kLong = absl::Seconds(60);

const Crop kCrop = {"item", 2, {1, 1, {10, 20, 30}}};

std::vector<Question> Questions(int count) {
  std::vector<Question> questions;
  for (int id = 1; id <= count; ++id) {
    questions.push_back({id, "", {}, absl::StrCat("Is it ", id, "?")});
  }
  return questions;
}

std::unique_ptr<CommandJudge> Start(const std::string& command,
                                    absl::Duration timeout = kLong) {
  auto judge = CommandJudge::Start(command, timeout);
  EXPECT_TRUE(judge.ok()) << judge.status();
  return judge.ok() ? *std::move(judge) : nullptr;
}

TEST(CommandJudgeTest, AsksOneProgramAgainAndAgain) {
  const auto judge = Start(
      "n=0; while read -r line; do n=$((n + 1)); "
      "echo '{\"answers\": [\"yes\", \"'$n'\"]}'; done");
  for (const char* n : {"1", "2", "3"}) {
    const auto answers = judge->Answer(kCrop, Questions(2));
    ASSERT_TRUE(answers.ok()) << answers.status();
    EXPECT_THAT(*answers, ElementsAre("yes", n));
  }
}

TEST(CommandJudgeTest, SendsQuestionsAndAPicture) {
  const TempFolder folder;
  const std::string request = folder.path() + "/request";
  const std::string picture = folder.path() + "/picture";
  const auto judge = Start(absl::StrCat(
      "read -r line; echo \"$line\" >", request,
      "; cp $(echo \"$line\" | sed 's/.*\"image\":\"\\([^\"]*\\)\".*/\\1/') ",
      picture, "; echo '{\"answers\": [\"no\", \"Yes\"]}'"));
  const auto answers = judge->Answer(kCrop, Questions(2));
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT(*answers, ElementsAre("no", "Yes"));
  const auto sent = nlohmann::json::parse(ReadBytes(request).value());
  EXPECT_EQ(sent["item_id"], "item");
  EXPECT_EQ(sent["crop"], 2);
  EXPECT_THAT(sent["questions"], ElementsAre("Is it 1?", "Is it 2?"));
  const auto png = DecodePng(ReadBytes(picture).value());
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_EQ(png->image.pixels, kCrop.image.pixels);
  EXPECT_FALSE(ReadBytes(sent["image"].get<std::string>()).ok());
}

// More than a pipe holds.
TEST(CommandJudgeTest, TakesLongLines) {
  const auto judge = Start(
      "read -r line; "
      "echo \"{\\\"answers\\\": [\\\"$(echo \"$line\" | wc -c)\\\"]}\"");
  std::vector<Question> questions = Questions(1);
  questions[0].text = std::string(500000, 'x');
  const auto answers = judge->Answer(kCrop, questions);
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_GT(std::stoi(answers->at(0)), 500000);
}

TEST(CommandJudgeTest, TellsHowTheProgramEnded) {
  for (const auto& [command, end] :
       std::vector<std::pair<std::string, std::string>>{
           {"exit 3", "exit status 3"},
           {"read -r line; exit 0", "exit status 0"},
           {"read -r line; kill -9 $$", "signal 9"},
           {"read -r line; echo '{\"answers\": [\"yes\"'; exit 4", "wrote: {"},
           {"no-such-judge-program", "exit status 127"}}) {
    const auto judge = Start(command + " 2>/dev/null");
    const auto answers = judge->Answer(kCrop, Questions(1));
    EXPECT_THAT(std::string(answers.status().message()), HasSubstr(end));
  }
}

TEST(CommandJudgeTest, StaysDead) {
  const auto judge = Start("read -r line; exit 3");
  for (int i = 0; i < 2; ++i) {
    const auto answers = judge->Answer(kCrop, Questions(1));
    EXPECT_TRUE(absl::IsUnavailable(answers.status())) << answers.status();
    EXPECT_THAT(std::string(answers.status().message()),
                HasSubstr("exit status 3"));
  }
}

TEST(CommandJudgeTest, DoesNotWaitForEver) {
  const auto judge = Start("cat >/dev/null", absl::Milliseconds(50));
  const auto answers = judge->Answer(kCrop, Questions(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(answers.status())) << answers.status();
  EXPECT_EQ(answers.status().message(), "no answer within 50ms");
}

TEST(CommandJudgeTest, DoesNotWaitForOneThatDoesNotRead) {
  const auto judge = Start("exec sleep 2", absl::Milliseconds(50));
  std::vector<Question> questions = Questions(1);
  questions[0].text = std::string(5000000, 'x');
  const auto answers = judge->Answer(kCrop, questions);
  EXPECT_TRUE(absl::IsDeadlineExceeded(answers.status())) << answers.status();
}

TEST(CommandJudgeTest, NonsenseIsShown) {
  for (const std::string line :
       {"Loading the model", "[]", "{}", "{\"answers\": \"yes\"}",
        "{\"answers\": [\"yes\"]}", "{\"answers\": [\"yes\", true]}",
        "{\"answers\": [\"yes\", \"no\", \"no\"]}", "{\"error\": 1}"}) {
    const auto judge = Start(absl::StrCat("read -r line; echo '", line, "'"));
    const auto answers = judge->Answer(kCrop, Questions(2));
    EXPECT_TRUE(absl::IsInternal(answers.status())) << answers.status();
    EXPECT_THAT(std::string(answers.status().message()), HasSubstr(line));
  }
}

TEST(CommandJudgeTest, ALineWithoutAnEndIsRefused) {
  const auto judge = Start("head -c 3000000 /dev/zero");
  const auto answers = judge->Answer(kCrop, Questions(1));
  EXPECT_TRUE(absl::IsInternal(answers.status())) << answers.status();
}

TEST(CommandJudgeTest, MayGiveUpOnOnePicture) {
  const auto judge = Start(
      "read -r line; echo '{\"error\": \"too dark\"}'; "
      "read -r line; echo '{\"answers\": [\"yes\"]}'");
  const auto failed = judge->Answer(kCrop, Questions(1));
  EXPECT_TRUE(absl::IsInvalidArgument(failed.status())) << failed.status();
  EXPECT_THAT(std::string(failed.status().message()), HasSubstr("too dark"));
  EXPECT_TRUE(judge->Answer(kCrop, Questions(1)).ok());
}

// By a module in place of the library, whose model answers "Yes." to a question
// that holds a 1; each prints to standard output as well.
class VqaJudgeTest : public ::testing::TestWithParam<std::string> {};

TEST_P(VqaJudgeTest, AnswersByAPipeline) {
  const auto judge = Start(
      "PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/client/dpg/fake_vqa python3 "
      "client/dpg/vqa_judge.py "
      "--model fake --task " +
      GetParam());
  for (int i = 0; i < 2; ++i) {
    const auto answers = judge->Answer(kCrop, Questions(2));
    ASSERT_TRUE(answers.ok()) << answers.status();
    EXPECT_THAT(*answers, ElementsAre("yes", "no"));
  }
}

INSTANTIATE_TEST_SUITE_P(Tasks, VqaJudgeTest,
                         ::testing::Values("visual-question-answering",
                                           "image-text-to-text", "modelscope"));

}  // namespace
}  // namespace ella
