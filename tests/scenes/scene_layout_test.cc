#include "scenes/scene_layout.h"

#include <gtest/gtest.h>

#include <random>

#include "scenes/scene_captions.h"
#include "scenes/scene_generator.h"

namespace ella {
namespace {

Thing Single(Shape shape, std::optional<Place> place = {}) {
  return {.shape = shape, .size = {}, .place = place};
}

// The centre of the place.
SceneObject At(Place place) {
  const int index = static_cast<int>(place);
  return {.x = (static_cast<float>(index % 3) + 0.5f) / 3,
          .y = (static_cast<float>(index / 3) + 0.5f) / 3};
}

TEST(SceneLayoutTest, ARelationAloneBecomesOppositeEdges) {
  SceneFacts facts;
  facts.things = {Single(Shape::kStar), Single(Shape::kTriangle)};
  facts.relations = {{0, Relation::kAbove, 1}};
  const SceneFacts placed = RelationsAsPlaces(facts);
  EXPECT_TRUE(placed.relations.empty());
  EXPECT_EQ(placed.things[0].place, Place::kTop);
  EXPECT_EQ(placed.things[1].place, Place::kBottom);
  facts.relations = {{0, Relation::kRightOf, 1}};
  EXPECT_EQ(RelationsAsPlaces(facts).things[0].place, Place::kRight);
  EXPECT_EQ(RelationsAsPlaces(facts).things[1].place, Place::kLeft);
}

TEST(SceneLayoutTest, APlaceThatIsSaidStays) {
  SceneFacts facts;
  facts.things = {Single(Shape::kStar, Place::kTopRight),
                  Single(Shape::kTriangle)};
  facts.relations = {{0, Relation::kRightOf, 1}};
  const SceneFacts placed = RelationsAsPlaces(facts);
  EXPECT_EQ(placed.things[0].place, Place::kTopRight);
  EXPECT_EQ(placed.things[1].place, Place::kTopLeft);
}

TEST(SceneLayoutTest, AThingWithoutRelationGetsNoPlace) {
  SceneFacts facts;
  facts.things = {Single(Shape::kStar), Single(Shape::kTriangle),
                  Single(Shape::kRing)};
  facts.relations = {{0, Relation::kLeftOf, 1}};
  EXPECT_FALSE(RelationsAsPlaces(facts).things[2].place);
}

TEST(SceneLayoutTest, MostRelationsOfDenseCaptionsHold) {
  std::mt19937_64 random(1);
  Chooser chooser(random);
  int said = 0;
  int held = 0;
  int to_choose = 0;
  int chosen = 0;
  for (int i = 0; i < 5000; ++i) {
    const Scene scene = RandomScene(Split::kHeldOut, random);
    const SceneFacts facts = ChooseDenseFacts(scene, chooser);
    const SceneFacts placed = RelationsAsPlaces(facts);
    for (const RelationFact& fact : facts.relations) {
      ASSERT_TRUE(placed.things[fact.first].place);
      ASSERT_TRUE(placed.things[fact.second].place);
      const bool holds =
          RelationHolds(fact.relation, At(*placed.things[fact.first].place),
                        At(*placed.things[fact.second].place));
      ++said;
      held += holds ? 1 : 0;
      if (facts.things[fact.first].place || facts.things[fact.second].place) {
        continue;
      }
      ++to_choose;
      chosen += holds ? 1 : 0;
    }
  }
  ASSERT_GT(to_choose, 500);
  // Two that are said to be in one third, or askew, can't stand in it so.
  EXPECT_GE(held, 0.8 * said);
  EXPECT_GE(chosen, 0.99 * to_choose);
}

TEST(SceneLayoutTest, ScenesAsToldHaveThingsInTheMiddleOfTheirPlaces) {
  Scene scene;
  scene.objects = {
      {Shape::kStar, Color::kRed, Size::kSmall, 0.3f, 0.4f},
      {Shape::kStar, Color::kBlue, Size::kSmall, 0.4f, 0.7f},
      {Shape::kRing, Color::kRed, Size::kLarge, 0.2f, 0.3f},
      {Shape::kCross, Color::kWhite, Size::kSmall, 0.8f, 0.8f},
  };
  SceneFacts facts;
  facts.things = {{Shape::kStar, Color::kRed, 1, {}, {}},
                  {Shape::kStar, Color::kBlue, 1, {}, {}},
                  {Shape::kRing, Color::kRed, 1, {}, Place::kTopLeft},
                  {Shape::kCross, Color::kWhite, 1, {}, {}}};
  facts.relations = {{0, Relation::kAbove, 1}};
  const Scene told = AsTold(scene, RelationsAsPlaces(facts));
  EXPECT_FLOAT_EQ(told.objects[0].x, 0.5f);
  EXPECT_FLOAT_EQ(told.objects[0].y, 1.0f / 6);
  EXPECT_FLOAT_EQ(told.objects[1].y, 5.0f / 6);
  // What is large keeps within the picture.
  EXPECT_FLOAT_EQ(told.objects[2].x, SizeRadius(Size::kLarge));
  EXPECT_TRUE(PlaceHolds(Place::kTopLeft, told.objects[2]));
  EXPECT_EQ(told.objects[3], scene.objects[3]);
}

TEST(SceneLayoutTest, PlainCaptionsSayTheSameOfEqualFacts) {
  SceneFacts facts;
  facts.background = Background::kGray;
  facts.things = {{Shape::kStar, Color::kRed, 1, Size::kLarge, {}},
                  {Shape::kCross, Color::kBlue, 2, {}, {}},
                  {Shape::kRing, Color::kOrange, 1, {}, {}}};
  facts.relations = {{0, Relation::kBelow, 2}};
  EXPECT_EQ(PlainCaption(facts),
            "a large red star at the bottom, two blue crosses and an orange "
            "ring at the top on a gray background");
}

}  // namespace
}  // namespace ella
