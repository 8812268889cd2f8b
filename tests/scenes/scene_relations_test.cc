#include "scenes/scene_relations.h"

#include <gtest/gtest.h>

#include <optional>

namespace ella {
namespace {

SceneObject At(float x, float y) {
  SceneObject object;
  object.x = x / 64;
  object.y = y / 64;
  return object;
}

TEST(SceneRelationsTest, EachDirectionHasItsRelation) {
  const SceneObject middle = At(32, 32);
  EXPECT_EQ(ClearRelation(At(12, 35), middle), Relation::kLeftOf);
  EXPECT_EQ(ClearRelation(At(52, 35), middle), Relation::kRightOf);
  EXPECT_EQ(ClearRelation(At(35, 12), middle), Relation::kAbove);
  EXPECT_EQ(ClearRelation(At(35, 52), middle), Relation::kBelow);
}

TEST(SceneRelationsTest, CloseOrAskewIsNotClear) {
  EXPECT_EQ(ClearRelation(At(20, 32), At(33.5, 32)), std::nullopt);
  EXPECT_EQ(ClearRelation(At(20, 32), At(34.5, 32)), Relation::kLeftOf);
  EXPECT_EQ(ClearRelation(At(12, 12), At(32, 25)), std::nullopt);
  EXPECT_EQ(ClearRelation(At(12, 12), At(32, 24)), Relation::kLeftOf);
}

TEST(SceneRelationsTest, HoldsUpToTheDiagonal) {
  EXPECT_TRUE(RelationHolds(Relation::kLeftOf, At(12, 12), At(32, 31)));
  EXPECT_FALSE(RelationHolds(Relation::kAbove, At(12, 12), At(32, 31)));
  EXPECT_TRUE(RelationHolds(Relation::kAbove, At(12, 12), At(32, 33)));
  EXPECT_FALSE(RelationHolds(Relation::kLeftOf, At(12, 12), At(32, 33)));
  EXPECT_FALSE(RelationHolds(Relation::kRightOf, At(12, 12), At(32, 31)));
  EXPECT_FALSE(RelationHolds(Relation::kLeftOf, At(12, 12), At(19, 12)));
}

TEST(SceneRelationsTest, OppositeIsReadFromTheOtherSide) {
  const SceneObject a = At(12, 40);
  const SceneObject b = At(40, 44);
  EXPECT_EQ(Opposite(*ClearRelation(a, b)), ClearRelation(b, a));
  for (const Relation relation : kRelations) {
    EXPECT_NE(Opposite(relation), relation);
    EXPECT_EQ(Opposite(Opposite(relation)), relation);
  }
}

TEST(SceneRelationsTest, PlacesAreTheNineParts) {
  const float centers[] = {12, 32, 52};
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(ClearPlace(At(centers[i % 3], centers[i / 3])), kPlaces[i]);
  }
  EXPECT_EQ(PlaceName(kPlaces[5]), "on the right");
}

TEST(SceneRelationsTest, NearABorderBothPlacesHoldAndNoneIsClear) {
  const SceneObject object = At(22, 10);  // the border is at 21.3
  EXPECT_EQ(ClearPlace(object), std::nullopt);
  EXPECT_TRUE(PlaceHolds(Place::kTopLeft, object));
  EXPECT_TRUE(PlaceHolds(Place::kTop, object));
  EXPECT_FALSE(PlaceHolds(Place::kTopRight, object));
  EXPECT_FALSE(PlaceHolds(Place::kLeft, object));
  EXPECT_FALSE(PlaceHolds(Place::kTopLeft, At(25, 10)));
}

}  // namespace
}  // namespace ella
