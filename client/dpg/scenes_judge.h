// The judge for the demo world.
#pragma once

#include <string>
#include <vector>

#include "client/dpg/judge.h"

namespace ella {

// Answers scenes/'s own questions from the pixels, and no others.
class ScenesJudge : public Judge {
 public:
  absl::StatusOr<std::vector<std::string>> Answer(
      const Crop& crop, const std::vector<Question>& questions) override;
};

}  // namespace ella
