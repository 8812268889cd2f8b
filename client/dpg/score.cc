#include "client/dpg/score.h"

#include <algorithm>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace ella {
namespace {

absl::StatusOr<bool> HasParentAtZero(const std::vector<Question>& questions,
                                     const Question& question,
                                     const CropAnswers& scores) {
  for (const int parent : question.parents) {
    const auto place =
        std::find_if(questions.begin(), questions.end(),
                     [parent](const Question& q) { return q.id == parent; });
    if (place == questions.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("proposition ", question.id, " depends on ", parent,
                       ", which is unknown"));
    }
    if (!scores[place - questions.begin()]) return true;
  }
  return false;
}

absl::StatusOr<double> ScoreCrop(const std::vector<Question>& questions,
                                 CropAnswers scores) {
  for (size_t i = 0; i < questions.size(); ++i) {
    const absl::StatusOr<bool> moot =
        HasParentAtZero(questions, questions[i], scores);
    if (!moot.ok()) return moot.status();
    if (*moot) scores[i] = false;
  }
  const auto ones = std::count(scores.begin(), scores.end(), true);
  return static_cast<double>(ones) / scores.size();
}

}  // namespace

absl::StatusOr<ItemScore> ScoreItem(const std::vector<Question>& questions,
                                    const std::vector<CropAnswers>& crops) {
  ItemScore item;
  for (const CropAnswers& crop : crops) {
    const absl::StatusOr<double> score = ScoreCrop(questions, crop);
    if (!score.ok()) return score.status();
    item.crops.push_back(*score);
  }
  item.mean = std::accumulate(item.crops.begin(), item.crops.end(), 0.0) /
              item.crops.size();
  return item;
}

void TotalScore::Add(const std::vector<Question>& questions,
                     const std::vector<CropAnswers>& crops,
                     const ItemScore& score) {
  ++scored_;
  sum_ += score.mean;
  const size_t first =
      category_crops_ == CategoryCrops::kLast ? crops.size() - 1 : 0;
  for (size_t crop = first; crop < crops.size(); ++crop) {
    for (size_t i = 0; i < questions.size(); ++i) {
      Count& count = counts_[questions[i].category];
      if (crops[crop][i]) ++count.yes;
      ++count.all;
    }
  }
}

std::map<std::string, double> TotalScore::Percents(
    const std::map<std::string, Count>& counts) {
  std::map<std::string, double> percents;
  for (const auto& [name, count] : counts) {
    percents[name] = static_cast<double>(count.yes) / count.all * 100;
  }
  return percents;
}

std::map<std::string, double> TotalScore::Level2() const {
  return Percents(counts_);
}

std::map<std::string, double> TotalScore::Level1() const {
  std::map<std::string, Count> pooled;
  for (const auto& [name, count] : counts_) {
    Count& pool = pooled[std::string(
        absl::StripAsciiWhitespace(name.substr(0, name.find('-'))))];
    pool.yes += count.yes;
    pool.all += count.all;
  }
  return Percents(pooled);
}

}  // namespace ella
