// What a caption says of a scene. Captions and questions are made of the same
// facts, so that no question asks what the text doesn't say.
#pragma once

#include <optional>
#include <vector>

#include "scenes/chooser.h"
#include "scenes/scene.h"
#include "scenes/scene_relations.h"

namespace ella {

// One object, or several that are alike.
struct Thing {
  Shape shape = Shape::kCircle;
  Color color = Color::kRed;
  int count = 1;
  std::optional<Size> size;
  std::optional<Place> place;  // only of a single object
};

// Of things by their index; both are single objects.
struct RelationFact {
  int first = 0;
  Relation relation = Relation::kLeftOf;
  int second = 0;
};

// An absent value isn't said.
struct SceneFacts {
  std::optional<Background> background;
  std::optional<int> total;   // of all objects
  std::vector<Thing> things;  // in the order in which they are named
  std::vector<RelationFact> relations;
};

// For at most 18 words: all things, and sometimes the background and either
// sizes, places or one relation; how often the place of an object that is alone
// can be chosen.
SceneFacts ChooseShortFacts(const Scene& scene, Chooser& chooser,
                            double lone_place = 0.5);
// For a list of all things in which each tells its place, if that is clear; how
// often their sizes and how often the background are said, too.
SceneFacts ChoosePlacedFacts(const Scene& scene, Chooser& chooser,
                             double detail);
// For a paragraph: all things with their sizes, the background, and for each
// single object a place or a relation, if any is clear; how often one that has
// a relation tells its place, too.
SceneFacts ChooseDenseFacts(const Scene& scene, Chooser& chooser,
                            double related_place = 0.6);

}  // namespace ella
