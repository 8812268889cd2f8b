#include "client/dpg/score_verb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/dpg/read_bytes.h"
#include "client/error_report.h"
#include "nlohmann/json.hpp"
#include "tests/client/dpg/grid_files.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

constexpr char kQuestions[] =
    "item_id,text,keywords,proposition_id,dependency,category_broad,"
    "category_detailed,tuple,question_natural_language\n"
    "a,t,,1,0,entity,whole,entity - whole (car),Is there a car?\n"
    "a,t,,2,1,attribute,color,\"attribute - color (car, red)\",Is it red?\n"
    "b,t,,1,0,entity,whole,entity - whole (cat),Is there a cat?\n"
    "b,t,,2,1,attribute,color,\"attribute - color (cat, red)\",Is it red?\n"
    "b,t,,3,2,entity,part,entity - part (tail),Is there a tail?\n"
    "b,t,,4,0,global,,global - (painting),Is it a painting?\n";
// Item a: 1 and 1/2. Item b: 1/4 and 0, since "Yes" is no yes.
constexpr char kAnswers[] =
    "item_id,crop,proposition_id,answer\n"
    "a,0,1,yes\na,0,2,yes\na,1,1,yes\na,1,2,no\n"
    "b,0,1,no\nb,0,2,yes\nb,0,3,yes\nb,0,4,yes\n"
    "b,1,1,Yes\nb,1,2,yes\nb,1,3,yes\nb,1,4,\n";

class ScoreVerbTest : public ::testing::Test {
 protected:
  ScoreVerbTest() {
    std::filesystem::create_directory(images_);
    WriteGrid(images_ + "/a.png", 8);
    WriteGrid(images_ + "/b.png", 8);
    WriteBytes(Path("questions.csv"), kQuestions);
    WriteBytes(Path("answers.csv"), kAnswers);
  }

  std::string Path(const std::string& name) {
    return folder_.path() + "/" + name;
  }

  int Score(const std::vector<std::string>& judge,
            const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"score", images_, "8", "--questions",
                                     Path("questions.csv")};
    args.insert(args.end(), judge.begin(), judge.end());
    args.insert(args.end(), more.begin(), more.end());
    // CLI11 takes them from the back.
    std::reverse(args.begin(), args.end());
    CLI::App app;
    const Verb verb = AddDpgScoreVerb(&app);
    std::istringstream in;
    std::ostringstream out, err;
    int code = kBadUsage;
    try {
      app.parse(args);
      code = verb.run({in, out, err});
    } catch (const CLI::ParseError& error) {
      err << error.what();
    }
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  // With the answers of two crops.
  int ScoreAnswers(const std::vector<std::string>& more = {}) {
    return Score({"--answers", Path("answers.csv"), "--pic-num", "2"}, more);
  }

  std::vector<std::string> Names(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  const TempFolder folder_;
  const std::string images_ = folder_.path() + "/my.model";
  std::string out_;
  std::string err_;
};

TEST_F(ScoreVerbTest, PrintsAsTheReferenceDoes) {
  EXPECT_EQ(ScoreAnswers(), kDone);
  EXPECT_EQ(out_, absl::StrCat(images_, "/a.png, 1.0, 0.5, 0.75\n", images_,
                               "/b.png, 0.25, 0.0, 0.125\n"
                               "Model: my.model\n"
                               "L1 category scores:\n"
                               "\tattribute: 75.0\n"
                               "\tentity: 66.66666666666666\n"
                               "\tglobal: 50.0\n"
                               "L2 category scores:\n"
                               "\tattribute - color: 75.0\n"
                               "\tentity - part: 100.0\n"
                               "\tentity - whole: 50.0\n"
                               "\tglobal -: 50.0\n"
                               "Image path: ",
                               images_, "\nDPG-Bench score: 43.75\n"));
  EXPECT_EQ(err_, "");
  EXPECT_THAT(Names(images_), ElementsAre("a.png", "b.png"));
}

TEST_F(ScoreVerbTest, PrintsOneJsonObject) {
  EXPECT_EQ(ScoreAnswers({"--json"}), kDone);
  EXPECT_EQ(json::parse(out_),
            json::parse(R"({"score": 43.75, "scored": 2, "failed": 0,
              "l1": {"attribute": 75.0, "entity": 66.66666666666666,
                     "global": 50.0},
              "l2": {"attribute - color": 75.0, "entity - part": 100.0,
                     "entity - whole": 50.0, "global -": 50.0}})"));
}

TEST_F(ScoreVerbTest, CompatLosesTheFirstPromptAndTheOtherCrops) {
  EXPECT_EQ(ScoreAnswers({"--compat", "--json"}), kDone);
  EXPECT_EQ(json::parse(out_),
            json::parse(R"({"score": 12.5, "scored": 1, "failed": 1,
              "l1": {"attribute": 100.0, "entity": 50.0, "global": 0.0},
              "l2": {"attribute - color": 100.0, "entity - part": 100.0,
                     "entity - whole": 0.0, "global -": 0.0}})"));
  EXPECT_THAT(err_, HasSubstr("Failed filename: a.png: proposition 2 depends "
                              "on 1, which is unknown"));
}

TEST_F(ScoreVerbTest, CompatWritesItsFilesIntoTheFolder) {
  EXPECT_EQ(ScoreAnswers({"--compat"}), kDone);
  const std::vector<std::string> names = Names(images_);
  ASSERT_EQ(names.size(), 4u);
  EXPECT_THAT(names[2],
              MatchesRegex("dpg-bench_[0-9]{8}-[0-9]{6}_results.txt"));
  EXPECT_THAT(names[3],
              MatchesRegex("dpg-bench_[0-9]{8}-[0-9]{6}_results_detail.txt"));
  EXPECT_EQ(ReadBytes(images_ + "/" + names[2]).value(), out_);
  EXPECT_THAT(out_, HasSubstr(absl::StrCat("Save results to: ", images_, "/",
                                           names[2], "\n")));
  EXPECT_EQ(
      ReadBytes(images_ + "/" + names[3]).value(),
      absl::StrCat(images_, "/b.png, (0, 0, 8, 8), Is there a cat?, no\n",
                   images_, "/b.png, (0, 0, 8, 8), Is it red?, yes\n", images_,
                   "/b.png, (0, 0, 8, 8), Is there a tail?, yes\n", images_,
                   "/b.png, (0, 0, 8, 8), Is it a painting?, yes\n", images_,
                   "/b.png, (8, 0, 16, 8), Is there a cat?, Yes\n", images_,
                   "/b.png, (8, 0, 16, 8), Is it red?, yes\n", images_,
                   "/b.png, (8, 0, 16, 8), Is there a tail?, yes\n", images_,
                   "/b.png, (8, 0, 16, 8), Is it a painting?, \n"));
}

TEST_F(ScoreVerbTest, ResultsGoWhereTheyAreAskedFor) {
  EXPECT_EQ(ScoreAnswers({"--compat", "--results-dir", Path("x/y")}), kDone);
  EXPECT_THAT(Names(images_), ElementsAre("a.png", "b.png"));
  EXPECT_EQ(Names(Path("x/y")).size(), 2u);
  EXPECT_EQ(ScoreAnswers({"--results-dir", Path("answers.csv")}), kBadUsage);
  EXPECT_THAT(err_, HasSubstr(Path("answers.csv")));
}

TEST_F(ScoreVerbTest, AllYesIsAHundredAndAllNoIsNothing) {
  const auto always = [](const std::string& answer) {
    // Four answers to b, two to a.
    return absl::StrCat(
        "while read -r line; do case \"$line\" in *\"a cat\"*) echo '",
        "{\"answers\": [\"", answer, "\", \"", answer, "\", \"", answer,
        "\", \"", answer, "\"]}';; *) echo '", "{\"answers\": [\"", answer,
        "\", \"", answer, "\"]}';; esac; done");
  };
  EXPECT_EQ(Score({"--judge-command", always("yes")}, {"--json"}), kDone);
  EXPECT_EQ(json::parse(out_)["score"], 100);
  EXPECT_EQ(Score({"--judge-command", always("no")}, {"--json"}), kDone);
  EXPECT_EQ(json::parse(out_)["score"], 0);
  EXPECT_EQ(Score({"--judge-command", always("Yes")}, {"--json"}), kDone);
  EXPECT_EQ(json::parse(out_)["score"], 0);
}

TEST_F(ScoreVerbTest, TheFirstPictureAlone) {
  EXPECT_EQ(
      Score({"--answers", Path("answers.csv"), "--pic-num", "1"}, {"--json"}),
      kDone);
  EXPECT_EQ(json::parse(out_)["score"], 62.5);
}

TEST_F(ScoreVerbTest, WhatFailsIsNamedAndTheRestScored) {
  std::filesystem::remove(images_ + "/b.png");
  WriteGrid(images_ + "/c.png", 8);
  EXPECT_EQ(ScoreAnswers({"--json"}), kDone);
  EXPECT_EQ(json::parse(out_)["score"], 75);
  EXPECT_EQ(json::parse(out_)["scored"], 1);
  EXPECT_EQ(json::parse(out_)["failed"], 2);
  EXPECT_EQ(err_,
            "Failed filename: b.png: there is no such image\n"
            "Failed filename: c.png: there are no questions about item c\n"
            "ella: 2 of 3 failed\n");
}

TEST_F(ScoreVerbTest, NothingScoredIsAFailure) {
  // Crops 2 and 3 have no answers.
  EXPECT_EQ(Score({"--answers", Path("answers.csv")}, {"--json"}), kFailed);
  EXPECT_EQ(json::parse(out_),
            json::parse(R"({"score": null, "scored": 0, "failed": 2,
                            "l1": {}, "l2": {}})"));
  EXPECT_THAT(err_, HasSubstr("a.png: item a, crop 2: no answer to "
                              "proposition 1"));
}

TEST_F(ScoreVerbTest, ADeadJudgeLeavesItsAnswersToTheNextRun) {
  const std::string saved = Path("saved.csv");
  // Dies at the picture after those of item a, and counts what it is asked.
  const std::string judge =
      absl::StrCat("while read -r line; do echo x >>", Path("asked"),
                   "; case \"$line\" in *\"a cat\"*) exit 7;; esac; "
                   "echo '{\"answers\": [\"yes\", \"no\"]}'; done");
  EXPECT_EQ(Score({"--judge-command", judge}, {"--save-answers", saved}),
            kFailed);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("item b, crop 0: the command ended with exit "
                              "status 7"));
  EXPECT_THAT(err_, HasSubstr(absl::StrCat("so far are in ", saved)));
  EXPECT_EQ(ReadBytes(Path("asked")).value(), "x\nx\nx\nx\nx\n");

  const std::string other =
      "while read -r line; do case \"$line\" in *\"a cat\"*) "
      "echo '{\"answers\": [\"yes\", \"yes\", \"yes\", \"yes\"]}';; "
      "*) exit 8;; esac; done";
  EXPECT_EQ(
      Score({"--judge-command", other}, {"--save-answers", saved, "--json"}),
      kDone)
      << err_;
  EXPECT_EQ(json::parse(out_)["score"], 75);
  EXPECT_EQ(Score({"--answers", saved}, {"--json"}), kDone);
  EXPECT_EQ(json::parse(out_)["score"], 75);
}

TEST_F(ScoreVerbTest, BadFilesAreNamed) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"questions.csv", "a,b\n"},
      {"questions.csv", "item_id\n\xff\n"},
      {"answers.csv", "item_id,crop\n"},
      {"answers.csv", "\"item_id\n"}};
  for (const auto& [name, content] : bad) {
    WriteBytes(Path("questions.csv"), kQuestions);
    WriteBytes(Path("answers.csv"), kAnswers);
    WriteBytes(Path(name), content);
    EXPECT_EQ(ScoreAnswers({"--json"}), kBadUsage);
    EXPECT_THAT(err_, HasSubstr(Path(name) + ": "));
    EXPECT_EQ(json::parse(out_)["error"]["code"], "INVALID_ARGUMENT");
  }
  EXPECT_EQ(Score({"--answers", Path("no.csv")}), kBadUsage);
  EXPECT_THAT(err_, HasSubstr("NOT_FOUND: cannot read " + Path("no.csv")));
  EXPECT_EQ(Score({"--answers", folder_.path()}), kBadUsage);
  EXPECT_THAT(err_, HasSubstr("cannot read " + folder_.path()));
}

TEST_F(ScoreVerbTest, BadUsage) {
  const std::string answers = Path("answers.csv");
  EXPECT_EQ(Score({}), kBadUsage);
  EXPECT_EQ(Score({"--judge", "mplug"}), kBadUsage);
  EXPECT_EQ(Score({"--judge", "scenes", "--answers", answers}), kBadUsage);
  EXPECT_EQ(ScoreAnswers({"--save-answers", Path("x.csv")}), kBadUsage);
  EXPECT_EQ(Score({"--answers", answers}, {"--pic-num", "5"}), kBadUsage);
  EXPECT_EQ(Score({"--answers", answers}, {"--workers", "0"}), kBadUsage);
  EXPECT_EQ(Score({"--answers", answers}, {"--judge-timeout", "0"}), kBadUsage);
  EXPECT_THAT(out_, IsEmpty());
}

}  // namespace
}  // namespace ella
