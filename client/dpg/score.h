// The arithmetic of DPG-Bench (arXiv 2403.05135, and its public evaluation
// code): from yes and no to percents.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/dpg/questions.h"

namespace ella {

// Whether each question of a crop got a "yes", in the questions' order.
using CropAnswers = std::vector<bool>;

// Shares of 1.
struct ItemScore {
  std::vector<double> crops;
  double mean = 0;
};

// In each crop the questions are gone through in their order, and one that has
// a parent at 0 is set to 0 itself, so that zeroes cascade; the crop's score is
// the mean. FailedPrecondition for a parent that is unknown, unless a parent
// ahead of it is at 0. There is at least one crop and one question.
absl::StatusOr<ItemScore> ScoreItem(const std::vector<Question>& questions,
                                    const std::vector<CropAnswers>& crops);

enum class CategoryCrops {
  kAll,
  kLast,  // as the reference does
};

// The scores of a benchmark, item by item.
class TotalScore {
 public:
  explicit TotalScore(CategoryCrops category_crops)
      : category_crops_(category_crops) {}

  // An item that ScoreItem took.
  void Add(const std::vector<Question>& questions,
           const std::vector<CropAnswers>& crops, const ItemScore& score);

  int scored() const { return scored_; }
  // In percent; scored() is above 0.
  double score() const { return sum_ / scored_ * 100; }
  // The percentage of "yes" by category, whatever the dependencies say: by its
  // whole name, and by the part ahead of the "-".
  std::map<std::string, double> Level2() const;
  std::map<std::string, double> Level1() const;

 private:
  struct Count {
    int yes = 0;
    int all = 0;
  };
  static std::map<std::string, double> Percents(
      const std::map<std::string, Count>& counts);

  const CategoryCrops category_crops_;
  int scored_ = 0;
  double sum_ = 0;
  std::map<std::string, Count> counts_;  // by whole name
};

}  // namespace ella
