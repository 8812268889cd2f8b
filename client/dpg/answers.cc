#include "client/dpg/answers.h"

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/dpg/csv.h"

namespace ella {

absl::StatusOr<Answers> ReadAnswers(std::string_view csv) {
  const absl::StatusOr<std::vector<CsvRow>> rows =
      ReadCsv(csv, std::vector<std::string>(std::begin(kAnswerColumns),
                                            std::end(kAnswerColumns)));
  if (!rows.ok()) return rows.status();
  Answers answers;
  for (const CsvRow& row : *rows) {
    const std::string& item = row.fields[0];
    int crop = 0;
    int proposition = 0;
    if (!absl::SimpleAtoi(row.fields[1], &crop) || crop < 0 ||
        !absl::SimpleAtoi(row.fields[2], &proposition)) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", row.line, ": \"", row.fields[1], "\" and \"",
                       row.fields[2], "\" are no crop and proposition_id"));
    }
    if (!answers.emplace(AnswerKey(item, crop, proposition), row.fields[3])
             .second) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", row.line, ": a second answer to item ", item,
                       ", crop ", crop, ", proposition ", proposition));
    }
  }
  return answers;
}

absl::StatusOr<std::vector<std::string>> AnswersJudge::Answer(
    const Crop& crop, const std::vector<Question>& questions) {
  std::vector<std::string> answers;
  for (const Question& question : questions) {
    const auto found =
        answers_.find(AnswerKey(crop.item_id, crop.index, question.id));
    if (found == answers_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("no answer to proposition ", question.id));
    }
    answers.push_back(found->second);
  }
  return answers;
}

}  // namespace ella
