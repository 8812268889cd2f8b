#include "scenes/scene_relations.h"

#include <cmath>

namespace ella {
namespace {

RelationOffset OffsetOf(Relation relation, const SceneObject& first,
                        const SceneObject& second) {
  return OffsetOf(relation, second.x - first.x, second.y - first.y);
}

// In the given third of the side (0, 1 or 2), made wider by `slack` where
// another third follows.
bool InThird(float position, int third, float slack) {
  return (third == 0 || position >= third / 3.0f - slack) &&
         (third == 2 || position <= (third + 1) / 3.0f + slack);
}

bool InPlace(Place place, const SceneObject& object, float slack) {
  const int index = static_cast<int>(place);
  return InThird(object.x, index % 3, slack) &&
         InThird(object.y, index / 3, slack);
}

}  // namespace

std::string RelationName(Relation relation) {
  switch (relation) {
    case Relation::kLeftOf:
      return "to the left of";
    case Relation::kRightOf:
      return "to the right of";
    case Relation::kAbove:
      return "above";
    case Relation::kBelow:
      break;
  }
  return "below";
}

std::string PlaceName(Place place) {
  switch (place) {
    case Place::kTopLeft:
      return "in the top left";
    case Place::kTop:
      return "at the top";
    case Place::kTopRight:
      return "in the top right";
    case Place::kLeft:
      return "on the left";
    case Place::kCenter:
      return "in the center";
    case Place::kRight:
      return "on the right";
    case Place::kBottomLeft:
      return "in the bottom left";
    case Place::kBottom:
      return "at the bottom";
    case Place::kBottomRight:
      break;
  }
  return "in the bottom right";
}

Relation Opposite(Relation relation) {
  switch (relation) {
    case Relation::kLeftOf:
      return Relation::kRightOf;
    case Relation::kRightOf:
      return Relation::kLeftOf;
    case Relation::kAbove:
      return Relation::kBelow;
    case Relation::kBelow:
      break;
  }
  return Relation::kAbove;
}

RelationOffset OffsetOf(Relation relation, float right, float down) {
  switch (relation) {
    case Relation::kLeftOf:
      return {right, std::abs(down)};
    case Relation::kRightOf:
      return {-right, std::abs(down)};
    case Relation::kAbove:
      return {down, std::abs(right)};
    case Relation::kBelow:
      break;
  }
  return {-down, std::abs(right)};
}

bool RelationHolds(Relation relation, const SceneObject& first,
                   const SceneObject& second) {
  const RelationOffset offset = OffsetOf(relation, first, second);
  return offset.along >= 8.0f / 64 && offset.along >= offset.across;
}

std::optional<Relation> ClearRelation(const SceneObject& first,
                                      const SceneObject& second) {
  for (const Relation relation : kRelations) {
    const RelationOffset offset = OffsetOf(relation, first, second);
    if (offset.along >= 14.0f / 64 && offset.along >= 1.6f * offset.across) {
      return relation;
    }
  }
  return std::nullopt;
}

bool PlaceHolds(Place place, const SceneObject& object) {
  return InPlace(place, object, 3.0f / 64);
}

std::optional<Place> ClearPlace(const SceneObject& object) {
  for (const Place place : kPlaces) {
    if (InPlace(place, object, -2.0f / 64)) return place;
  }
  return std::nullopt;
}

}  // namespace ella
