#include "client/dpg/scenes_judge.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "scenes/scene_judge.h"

namespace ella {

absl::StatusOr<std::vector<std::string>> ScenesJudge::Answer(
    const Crop& crop, const std::vector<Question>& questions) {
  const SceneObservation observation = Observe(crop.image);
  std::vector<std::string> answers;
  for (const Question& question : questions) {
    const absl::StatusOr<bool> yes = ella::Answer(observation, question.text);
    if (!yes.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "proposition ", question.id, ": ", yes.status().message()));
    }
    answers.push_back(*yes ? "yes" : "no");
  }
  return answers;
}

}  // namespace ella
