#include "client/dpg/questions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/dpg/csv.h"

namespace ella {
namespace {

enum Column { kItem, kProposition, kDependency, kTuple, kText };

absl::Status Bad(const CsvRow& row, const std::string& what) {
  return absl::InvalidArgumentError(
      absl::StrCat("line ", row.line, " of the questions: ", what));
}

absl::StatusOr<Question> ParseQuestion(const CsvRow& row) {
  Question question;
  const std::string& id = row.fields[kProposition];
  if (!absl::SimpleAtoi(id, &question.id) || question.id < 1) {
    return Bad(row, absl::StrCat(
                        "proposition_id must be a whole number above 0, was \"",
                        id, "\""));
  }
  const std::string& dependency = row.fields[kDependency];
  for (const auto part : absl::StrSplit(dependency, ',')) {
    int parent = 0;
    if (!absl::SimpleAtoi(part, &parent)) {
      return Bad(row, absl::StrCat("dependency must be ids with commas between "
                                   "them, or 0, was \"",
                                   dependency, "\""));
    }
    if (parent != 0) question.parents.push_back(parent);
  }
  const std::string& tuple = row.fields[kTuple];
  question.category =
      std::string(absl::StripAsciiWhitespace(tuple.substr(0, tuple.find('('))));
  if (question.category.empty()) {
    return Bad(row, absl::StrCat("tuple must begin with a category, was \"",
                                 tuple, "\""));
  }
  question.text = row.fields[kText];
  return question;
}

bool Has(const QuestionItem& item, int id) {
  return std::any_of(item.questions.begin(), item.questions.end(),
                     [id](const Question& other) { return other.id == id; });
}

void Replace(QuestionItem& item, Question question) {
  for (Question& former : item.questions) {
    if (former.id == question.id) former = std::move(question);
  }
}

void CheckParents(QuestionItem& item) {
  for (const Question& question : item.questions) {
    for (const int parent : question.parents) {
      if (Has(item, parent)) continue;
      item.status.Update(absl::InvalidArgumentError(
          absl::StrCat("proposition ", question.id, " depends on ", parent,
                       ", which is unknown")));
    }
  }
}

}  // namespace

absl::StatusOr<QuestionSet> ReadQuestions(std::string_view csv, bool compat) {
  absl::StatusOr<std::vector<CsvRow>> rows =
      ReadCsv(csv, {"item_id", "proposition_id", "dependency", "tuple",
                    "question_natural_language"});
  if (!rows.ok()) return rows.status();
  if (compat && !rows->empty()) rows->erase(rows->begin());

  QuestionSet set;
  const std::string* former_id = nullptr;
  for (const CsvRow& row : *rows) {
    const std::string& id = row.fields[kItem];
    QuestionItem& item = set[id];
    if (compat && former_id && *former_id != id) item = {};
    former_id = &id;
    absl::StatusOr<Question> question = ParseQuestion(row);
    if (!question.ok()) {
      item.status.Update(question.status());
    } else if (!Has(item, question->id)) {
      item.questions.push_back(*std::move(question));
    } else if (compat) {
      Replace(item, *std::move(question));
    } else {
      item.status.Update(Bad(row, absl::StrCat("proposition_id ", question->id,
                                               " comes twice in item ", id)));
    }
  }
  if (!compat) {
    for (auto& [id, item] : set) CheckParents(item);
  }
  return set;
}

}  // namespace ella
