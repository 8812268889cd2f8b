#include "client/dpg/score_report.h"

#include <charconv>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "client/dpg/grid.h"

namespace ella {
namespace {

// As Python prints it: the shortest that reads back the same, at least one
// decimal.
std::string Shortest(double value) {
  char buffer[400];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer),
                                          value, std::chars_format::fixed);
  std::string text(buffer, end);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string NameOf(const std::string& folder) {
  const std::filesystem::path path =
      std::filesystem::path(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

std::string Categories(const std::map<std::string, double>& percents) {
  std::string lines;
  for (const auto& [name, percent] : percents) {
    absl::StrAppend(&lines, "\t", name, ": ", Shortest(percent), "\n");
  }
  return lines;
}

}  // namespace

TotalScore TotalOf(const QuestionSet& questions,
                   const std::vector<ImageResult>& results,
                   CategoryCrops category_crops) {
  TotalScore total(category_crops);
  for (const ImageResult& result : results) {
    if (!result.status.ok()) continue;
    total.Add(questions.at(result.item_id).questions,
              ToCropAnswers(result.answers), result.score);
  }
  return total;
}

std::string ResultLines(const std::vector<ImageResult>& results) {
  std::string lines;
  for (const ImageResult& result : results) {
    if (!result.status.ok()) continue;
    absl::StrAppend(&lines, result.path);
    for (const double score : result.score.crops) {
      absl::StrAppend(&lines, ", ", Shortest(score));
    }
    absl::StrAppend(&lines, ", ", Shortest(result.score.mean), "\n");
  }
  return lines;
}

std::string SummaryLines(const TotalScore& total, const std::string& images,
                         const std::string& saved_to) {
  return absl::StrCat(
      "Model: ", NameOf(images), "\n",                      //
      "L1 category scores:\n", Categories(total.Level1()),  //
      "L2 category scores:\n", Categories(total.Level2()),  //
      "Image path: ", images, "\n",                         //
      saved_to.empty() ? "" : absl::StrCat("Save results to: ", saved_to, "\n"),
      "DPG-Bench score: ", Shortest(total.score()), "\n");
}

std::string DetailLines(const QuestionSet& questions,
                        const std::vector<ImageResult>& results, int side) {
  std::string lines;
  for (const ImageResult& result : results) {
    if (!result.status.ok()) continue;
    const auto& asked = questions.at(result.item_id).questions;
    for (size_t crop = 0; crop < result.answers.size(); ++crop) {
      const auto [x, y] = CornerOfCrop(static_cast<int>(crop), side);
      for (size_t i = 0; i < asked.size(); ++i) {
        absl::StrAppend(&lines, result.path, ", (", x, ", ", y, ", ", x + side,
                        ", ", y + side, "), ", asked[i].text, ", ",
                        result.answers[crop][i], "\n");
      }
    }
  }
  return lines;
}

nlohmann::json SummaryJson(const TotalScore& total, int failed) {
  nlohmann::json json = {{"score", nullptr},
                         {"scored", total.scored()},
                         {"failed", failed},
                         {"l1", nlohmann::json::object()},
                         {"l2", nlohmann::json::object()}};
  if (total.scored() == 0) return json;
  json["score"] = total.score();
  json["l1"] = total.Level1();
  json["l2"] = total.Level2();
  return json;
}

}  // namespace ella
