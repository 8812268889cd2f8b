// Where objects are: beside one another, and in the picture.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "scenes/scene.h"

namespace ella {

enum class Relation { kLeftOf, kRightOf, kAbove, kBelow };
// The nine parts of a 3x3 grid.
enum class Place {
  kTopLeft,
  kTop,
  kTopRight,
  kLeft,
  kCenter,
  kRight,
  kBottomLeft,
  kBottom,
  kBottomRight,
};

inline constexpr std::array kRelations = {Relation::kLeftOf, Relation::kRightOf,
                                          Relation::kAbove, Relation::kBelow};
inline constexpr std::array kPlaces = {
    Place::kTopLeft,    Place::kTop,    Place::kTopRight,
    Place::kLeft,       Place::kCenter, Place::kRight,
    Place::kBottomLeft, Place::kBottom, Place::kBottomRight};

// "to the left of", "above".
std::string RelationName(Relation relation);
// "in the top left", "at the top", "on the left", "in the center".
std::string PlaceName(Place place);
// Of the second to the first.
Relation Opposite(Relation relation);

// How far the second is from the first in the direction opposite to the
// relation, and across it.
struct RelationOffset {
  float along;
  float across;
};
// Of a second that is so far to the right of the first, and down.
RelationOffset OffsetOf(Relation relation, float right, float down);

// Whether it can be said of the two: along its axis their centres are at least
// 8/64 apart, and no less than across it.
bool RelationHolds(Relation relation, const SceneObject& first,
                   const SceneObject& second);
// What everyone would say of the two: 14/64 along its axis, and 1.6 times what
// there is across it. Nothing where they stand too close or askew.
std::optional<Relation> ClearRelation(const SceneObject& first,
                                      const SceneObject& second);

// Whether the centre is in that part, or at most 3/64 beside it.
bool PlaceHolds(Place place, const SceneObject& object);
// The part that the centre is in, 2/64 or more from any other.
std::optional<Place> ClearPlace(const SceneObject& object);

}  // namespace ella
