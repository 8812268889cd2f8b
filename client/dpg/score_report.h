// Scores as people, programs and files have them.
#pragma once

#include <string>
#include <vector>

#include "client/dpg/questions.h"
#include "client/dpg/score.h"
#include "client/dpg/score_images.h"
#include "nlohmann/json.hpp"

namespace ella {

TotalScore TotalOf(const QuestionSet& questions,
                   const std::vector<ImageResult>& results,
                   CategoryCrops category_crops);

// `path, s1, s2, s3, s4, mean` for each image that has a score, in shares of 1,
// as the reference writes them.
std::string ResultLines(const std::vector<ImageResult>& results);

// The reference's closing lines; `saved_to` is its results file, empty: none.
// total.scored() is above 0.
std::string SummaryLines(const TotalScore& total, const std::string& images,
                         const std::string& saved_to);

// `path, crop, question, answer` for each answer.
std::string DetailLines(const QuestionSet& questions,
                        const std::vector<ImageResult>& results, int side);

// {"score", "scored", "failed", "l1": {}, "l2": {}}: percents, and counts of
// images. The score is null where there is none.
nlohmann::json SummaryJson(const TotalScore& total, int failed);

}  // namespace ella
