// The question graphs of DPG-Bench ("Dense Prompt Graph", arXiv 2403.05135).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ella {

struct Question {
  int id = 0;                // of the proposition, within its item
  std::string category;      // such as "attribute - color"
  std::vector<int> parents;  // ids; a "no" to one of them makes this one moot
  std::string text;
};

// What is asked about the images of one prompt.
struct QuestionItem {
  std::vector<Question> questions;  // in the file's order
  absl::Status status;              // why it can't be scored, where it can't
};

using QuestionSet = std::map<std::string, QuestionItem>;  // by item_id

// From a CSV file with the columns item_id, proposition_id, dependency, tuple
// and question_natural_language, a question a row. InvalidArgument where it is
// no such file; a bad value, an id that comes twice, or a dependency on an
// unknown id is in the status of its item.
//
// As the reference reads it, `compat` drops the first row, lets a later row of
// an id replace the former one, and items begin anew where their rows don't
// stand together; unknown dependencies are left to ScoreItem.
absl::StatusOr<QuestionSet> ReadQuestions(std::string_view csv, bool compat);

}  // namespace ella
