// Answers that are already there.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "client/dpg/judge.h"

namespace ella {

// By item, crop from 0, and proposition.
using AnswerKey = std::tuple<std::string, int, int>;
using Answers = std::map<AnswerKey, std::string>;

inline constexpr const char* kAnswerColumns[] = {"item_id", "crop",
                                                 "proposition_id", "answer"};

// From a CSV file with these columns, UTF-8. InvalidArgument names the line of
// a bad value, or of a second answer.
absl::StatusOr<Answers> ReadAnswers(std::string_view csv);

// Answers from such a file alone, whatever the picture is.
class AnswersJudge : public Judge {
 public:
  // The answers outlive it.
  explicit AnswersJudge(const Answers* answers) : answers_(*answers) {}

  absl::StatusOr<std::vector<std::string>> Answer(
      const Crop& crop, const std::vector<Question>& questions) override;

 private:
  const Answers& answers_;
};

}  // namespace ella
