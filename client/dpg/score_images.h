// A folder of grids, judged and scored.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/dpg/judge.h"
#include "client/dpg/questions.h"
#include "client/dpg/score.h"

namespace ella {

struct ScoreSettings {
  std::string images;  // the folder
  int side = 0;        // R: pixels of one picture of the grid
  int crops = 4;       // the first ones of each grid
  // Every entry of the folder is a candidate, as for the reference, and an item
  // without an image is no failure.
  bool compat = false;
  int workers = 1;  // files in work at once; makes no difference to the result
  // On the workers' threads, one at a time.
  std::function<void(int done, int total)> on_progress = nullptr;
};

struct ImageResult {
  std::string path;
  std::string item_id;
  absl::Status status;  // why it has no score, where it has none
  ItemScore score = {};
  // [crops][questions], as the judge gave them.
  std::vector<std::vector<std::string>> answers = {};
};

// Each worker makes its own, on its own thread.
using JudgeFactory = std::function<absl::StatusOr<std::unique_ptr<Judge>>()>;

// A result for each image, and for each item that lacks one, by path. The file
// NAME.* belongs to item NAME, up to its first dot; only PNG is read. What is
// wrong with an item is in its result. The error is the folder's, or the
// judge's where it is of no further use, then it names the item. Cancelled
// where `stop` returned true, which every worker asks between two crops.
absl::StatusOr<std::vector<ImageResult>> ScoreImages(
    const QuestionSet& questions, const ScoreSettings& settings,
    const JudgeFactory& make_judge, const std::function<bool()>& stop);

// "yes" is yes; anything else is not, "Yes" included.
std::vector<CropAnswers> ToCropAnswers(
    const std::vector<std::vector<std::string>>& answers);

}  // namespace ella
