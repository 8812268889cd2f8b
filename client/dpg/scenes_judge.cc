#include "client/dpg/scenes_judge.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "scenes/scene_judge.h"

namespace ella {
namespace {

// Pixels, of what scenes/ sees well.
constexpr int kMinSide = 32;
constexpr int kMaxSide = 512;

}  // namespace

absl::StatusOr<std::vector<std::string>> ScenesJudge::Answer(
    const Crop& crop, const std::vector<Question>& questions) {
  if (crop.image.width < kMinSide || crop.image.width > kMaxSide) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the demo world's judge looks at pictures of ", kMinSide, " to ",
        kMaxSide, " pixels a side, was ", crop.image.width));
  }
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
