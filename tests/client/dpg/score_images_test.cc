#include "client/dpg/score_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/dpg/grid_files.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int kSide = 8;

// "yes" to question q of a picture of grey g where g is at least 50 q.
class GreyJudge : public Judge {
 public:
  explicit GreyJudge(absl::Status at_c = {}) : at_c_(std::move(at_c)) {}

  absl::StatusOr<std::vector<std::string>> Answer(
      const Crop& crop, const std::vector<Question>& questions) override {
    if (crop.item_id == "c" && crop.index == 1 && !at_c_.ok()) return at_c_;
    EXPECT_EQ(crop.image.width, kSide);
    EXPECT_EQ(crop.image.height, kSide);
    EXPECT_EQ(crop.image.pixels.size(), size_t{3} * kSide * kSide);
    EXPECT_EQ(crop.image.pixels.front(), crop.image.pixels.back());
    std::vector<std::string> answers;
    for (const Question& question : questions) {
      answers.push_back(crop.image.pixels[0] >= 50 * question.id ? "yes"
                                                                 : "no");
    }
    return answers;
  }

 private:
  const absl::Status at_c_;
};

JudgeFactory Judges(absl::Status at_c = {}) {
  return [at_c] { return std::make_unique<GreyJudge>(at_c); };
}

bool Never() { return false; }

class ScoreImagesTest : public ::testing::Test {
 protected:
  ScoreImagesTest() {
    for (const char* id : {"a", "b", "c"}) {
      questions_[id] = {
          {{1, "entity - whole", {}, "1?"}, {2, "entity - part", {1}, "2?"}},
          absl::OkStatus()};
      WriteGrid(Path(absl::StrCat(id, ".png")), kSide);
    }
    settings_.images = folder_.path();
    settings_.side = kSide;
  }

  std::string Path(const std::string& name) {
    return folder_.path() + "/" + name;
  }

  std::vector<ImageResult> Score() {
    auto results = ScoreImages(questions_, settings_, Judges(), Never);
    EXPECT_TRUE(results.ok()) << results.status();
    return results.ok() ? *std::move(results) : std::vector<ImageResult>();
  }

  // What became of each file: its mean, or why it failed.
  std::map<std::string, std::string> Outcomes() {
    std::map<std::string, std::string> outcomes;
    for (const ImageResult& result : Score()) {
      outcomes[std::filesystem::path(result.path).filename().string()] =
          result.status.ok() ? absl::StrCat(result.score.mean)
                             : std::string(result.status.message());
    }
    return outcomes;
  }

  const TempFolder folder_;
  QuestionSet questions_;
  ScoreSettings settings_;
};

TEST_F(ScoreImagesTest, GoesThroughTheCrops) {
  const std::vector<ImageResult> results = Score();
  ASSERT_THAT(results, SizeIs(3));
  EXPECT_EQ(results[1].item_id, "b");
  EXPECT_EQ(results[1].path, Path("b.png"));
  EXPECT_TRUE(results[1].status.ok()) << results[1].status;
  EXPECT_THAT(
      results[1].answers,
      ElementsAre(ElementsAre("no", "no"), ElementsAre("yes", "no"),
                  ElementsAre("yes", "yes"), ElementsAre("yes", "yes")));
  EXPECT_THAT(results[1].score.crops, ElementsAre(0, 0.5, 1, 1));
  EXPECT_EQ(results[1].score.mean, 0.625);
}

TEST_F(ScoreImagesTest, TheFirstCropsAlone) {
  settings_.crops = 1;
  EXPECT_EQ(Outcomes()["a.png"], "0");
  settings_.crops = 2;
  EXPECT_EQ(Outcomes()["a.png"], "0.25");
}

TEST_F(ScoreImagesTest, WhatIsBadFailsAloneWithItsReason) {
  WriteGrid(Path("b.png"), kSide + 1);
  WriteBytes(Path("c.png"), "\x89PNG\r\n\x1a\n broken");
  WriteGrid(Path("unknown.png"), kSide);
  WriteBytes(Path("d.jpg"), "\xff\xd8\xff");
  WriteBytes(Path("seeds.json"), "{}");
  questions_["d"] = questions_["a"];
  questions_["missing"] = questions_["a"];
  questions_["bad"] = {{}, absl::InvalidArgumentError("bad questions")};
  WriteGrid(Path("bad.png"), kSide);
  auto outcomes = Outcomes();
  EXPECT_THAT(outcomes, SizeIs(7));
  EXPECT_EQ(outcomes["a.png"], "0.625");
  EXPECT_THAT(outcomes["b.png"], HasSubstr("is 16x16, was 18x18"));
  EXPECT_THAT(outcomes["c.png"], HasSubstr("PNG: "));
  EXPECT_THAT(outcomes["unknown.png"], HasSubstr("no questions about item"));
  EXPECT_THAT(outcomes["d.jpg"], HasSubstr("other formats need converting"));
  EXPECT_EQ(outcomes["missing.png"], "there is no such image");
  EXPECT_EQ(outcomes["bad.png"], "bad questions");
}

TEST_F(ScoreImagesTest, AnItemHasOneImage) {
  WriteGrid(Path("a.1.png"), kSide);
  WriteGrid(Path("a.jpg"), kSide);
  auto outcomes = Outcomes();
  EXPECT_EQ(outcomes["a.png"], "0.625");
  EXPECT_THAT(outcomes["a.1.png"], HasSubstr("a second image of item a"));
  EXPECT_THAT(outcomes["a.jpg"], HasSubstr("a second image of item a"));
}

TEST_F(ScoreImagesTest, CompatTriesEveryFile) {
  WriteBytes(Path("results.txt"), "a, 1\n");
  questions_["missing"] = questions_["a"];
  settings_.compat = true;
  auto outcomes = Outcomes();
  EXPECT_THAT(outcomes, SizeIs(4));
  EXPECT_THAT(outcomes["results.txt"], HasSubstr("no questions about item"));
}

TEST_F(ScoreImagesTest, WorkersDoNotChangeTheResult) {
  for (int i = 0; i < 20; ++i) {
    const std::string id = absl::StrCat(i);
    questions_[id] = {
        {{i % 4, "entity - whole", {}, ""}, {3, "global -", {i % 4}, ""}},
        absl::OkStatus()};
    if (i % 5 != 0) WriteGrid(Path(id + ".png"), kSide);
  }
  const std::vector<ImageResult> alone = Score();
  EXPECT_THAT(alone, SizeIs(23));
  settings_.workers = 5;
  const std::vector<ImageResult> together = Score();
  ASSERT_EQ(together.size(), alone.size());
  for (size_t i = 0; i < alone.size(); ++i) {
    EXPECT_EQ(together[i].path, alone[i].path);
    EXPECT_EQ(together[i].status, alone[i].status);
    EXPECT_EQ(together[i].score.mean, alone[i].score.mean);
    EXPECT_EQ(together[i].answers, alone[i].answers);
  }
}

TEST_F(ScoreImagesTest, TellsOfItsProgress) {
  std::vector<int> seen;
  settings_.on_progress = [&seen](int done, int total) {
    EXPECT_EQ(total, 3);
    seen.push_back(done);
  };
  settings_.workers = 2;
  Score();
  EXPECT_THAT(seen, ElementsAre(1, 2, 3));
}

TEST_F(ScoreImagesTest, AJudgeMayGiveUpOnOneItem) {
  const auto results =
      ScoreImages(questions_, settings_,
                  Judges(absl::InvalidArgumentError("too dark")), Never);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_TRUE((*results)[1].status.ok());
  EXPECT_EQ((*results)[2].status.message(), "item c, crop 1: too dark");
}

TEST_F(ScoreImagesTest, AJudgeThatIsDeadEndsTheRun) {
  settings_.workers = 2;
  const auto results = ScoreImages(
      questions_, settings_, Judges(absl::UnavailableError("it died")), Never);
  EXPECT_TRUE(absl::IsUnavailable(results.status())) << results.status();
  EXPECT_EQ(results.status().message(), "item c, crop 1: it died");

  const auto none = ScoreImages(
      questions_, settings_, [] { return absl::NotFoundError("no judge"); },
      Never);
  EXPECT_TRUE(absl::IsNotFound(none.status())) << none.status();
}

TEST_F(ScoreImagesTest, StopsBetweenCrops) {
  std::atomic<int> asked = 0;
  const auto results = ScoreImages(questions_, settings_, Judges(),
                                   [&asked] { return ++asked == 6; });
  EXPECT_TRUE(absl::IsCancelled(results.status())) << results.status();
  EXPECT_EQ(asked, 6);
}

TEST_F(ScoreImagesTest, NamesAFolderThatIsMissing) {
  settings_.images = Path("no");
  const auto results = ScoreImages(questions_, settings_, Judges(), Never);
  EXPECT_TRUE(absl::IsNotFound(results.status())) << results.status();
  EXPECT_THAT(std::string(results.status().message()), HasSubstr(Path("no")));
}

}  // namespace
}  // namespace ella
