// Questions about a picture of the demo world, as values and in words.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "scenes/scene.h"
#include "scenes/scene_relations.h"

namespace ella {

// Which fields matter depends on the kind.
struct SceneQuestion {
  enum class Kind {
    kShape,       // Is there a circle?
    kColor,       // Is the circle red?
    kOneOfColor,  // Is one of the circles red?
    kAllColor,    // Are the circles red?
    kSize,        // Is the red circle large?
    kAllSize,     // Are the red circles large?
    kPlace,       // Is the red circle in the top left of the picture?
    kRelation,    // Is the red circle above the blue star?
    kCount,       // Are there exactly two red circles?
    kTotal,       // Is the number of shapes three?
    kBackground,  // Is the background gray?
  };

  Kind kind = Kind::kShape;
  Shape shape = Shape::kCircle;
  Color color = Color::kRed;
  Size size = Size::kSmall;
  Place place = Place::kCenter;
  Relation relation = Relation::kLeftOf;
  Shape second_shape = Shape::kCircle;
  Color second_color = Color::kRed;
  int count = 1;  // 1 to 4
  Background background = Background::kGray;
};

std::string QuestionText(const SceneQuestion& question);

// InvalidArgument for any text that QuestionText doesn't write.
absl::StatusOr<SceneQuestion> ParseQuestion(std::string_view text);

}  // namespace ella
