// Answers questions about a picture of the demo world from its pixels alone.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/api/types.h"
#include "scenes/scene.h"
#include "scenes/scene_question.h"

namespace ella {

struct SceneObservation {
  // Nothing where none of the five covers a good part of the picture.
  std::optional<Background> background;
  std::vector<SceneObject> objects;
  int unclear = 0;  // further objects, of none of the shapes
};

// What is seen in a square picture of 32 to 512 pixels a side, be it slightly
// blurred or off in colour. Objects that touch are told apart by colour only.
SceneObservation Observe(const RgbImage& image);

// A relation holds for any two objects that fit its description, and a place as
// scene_relations.h has it. An object of a shape that isn't clear counts in the
// number of shapes alone.
bool Answer(const SceneObservation& observation, const SceneQuestion& question);
// InvalidArgument for a text that isn't one of QuestionText's.
absl::StatusOr<bool> Answer(const SceneObservation& observation,
                            std::string_view question);

}  // namespace ella
