#include "scenes/scene_generator.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "scenes/scene_relations.h"

namespace ella {
namespace {

constexpr int kScenes = 4000;

TEST(SceneGeneratorTest, ObjectsAreInsideAndApart) {
  std::mt19937_64 random(1);
  for (int i = 0; i < kScenes; ++i) {
    const Scene scene =
        RandomScene(i % 2 == 0 ? Split::kTraining : Split::kHeldOut, random);
    for (const SceneObject& a : scene.objects) {
      const float radius = SizeRadius(a.size);
      EXPECT_GE(std::min(a.x, a.y), radius);
      EXPECT_LE(std::max(a.x, a.y), 1 - radius);
      for (const SceneObject& b : scene.objects) {
        if (&a == &b) break;
        EXPECT_GE(std::hypot(a.x - b.x, a.y - b.y),
                  radius + SizeRadius(b.size) + 2.99f / 64);
      }
    }
  }
}

TEST(SceneGeneratorTest, SplitsKeepApart) {
  std::mt19937_64 random(2);
  for (int i = 0; i < kScenes; ++i) {
    const Scene training = RandomScene(Split::kTraining, random);
    EXPECT_TRUE(FitsSplit(training, Split::kTraining));
    EXPECT_FALSE(FitsSplit(training, Split::kHeldOut));
    const Scene held_out = RandomScene(Split::kHeldOut, random);
    EXPECT_TRUE(FitsSplit(held_out, Split::kHeldOut));
    EXPECT_FALSE(FitsSplit(held_out, Split::kTraining));
  }
}

// Counted from the scenes alone, without the generator's own list.
TEST(SceneGeneratorTest, TrainingLacksSixPairsAndEightTriples) {
  std::mt19937_64 random(3);
  std::set<std::pair<Color, Shape>> pairs;
  std::set<std::tuple<Shape, Relation, Shape>> triples;
  for (int i = 0; i < 10 * kScenes; ++i) {
    const Scene scene = RandomScene(Split::kTraining, random);
    for (const SceneObject& a : scene.objects) {
      pairs.insert({a.color, a.shape});
      for (const SceneObject& b : scene.objects) {
        for (const Relation it : {Relation::kLeftOf, Relation::kAbove}) {
          if (RelationHolds(it, a, b)) triples.insert({a.shape, it, b.shape});
        }
      }
    }
  }
  EXPECT_EQ(pairs.size(), 7 * 6 - 6);
  EXPECT_EQ(triples.size(), 2 * 6 * 6 - 8);
  for (const Shape shape : kShapes) {
    int colors = 0;
    for (const Color color : kColors) colors += pairs.contains({color, shape});
    EXPECT_EQ(colors, 6) << ShapeName(shape);
  }
}

TEST(SceneGeneratorTest, KindsOfScenesHaveTheirShares) {
  std::mt19937_64 random(4);
  std::array<double, 5> counts = {};
  double alike = 0;
  double several = 0;
  double unclear_places = 0;
  double objects = 0;
  double large = 0;
  for (int i = 0; i < kScenes; ++i) {
    const Scene scene = RandomScene(Split::kTraining, random);
    ++counts[scene.objects.size()];
    std::set<std::pair<Color, Shape>> different;
    for (const SceneObject& object : scene.objects) {
      different.insert({object.color, object.shape});
      unclear_places += !ClearPlace(object);
      large += object.size == Size::kLarge;
      ++objects;
    }
    if (scene.objects.size() > 1) {
      ++several;
      alike += different.size() < scene.objects.size();
    }
  }
  EXPECT_NEAR(counts[1] / kScenes, 0.20, 0.03);
  EXPECT_NEAR(counts[2] / kScenes, 0.30, 0.03);
  EXPECT_NEAR(counts[3] / kScenes, 0.25, 0.03);
  EXPECT_NEAR(counts[4] / kScenes, 0.25, 0.03);
  EXPECT_NEAR(alike / several, 0.25, 0.1);
  EXPECT_LT(unclear_places / objects, 0.25);
  EXPECT_NEAR(large / objects, 0.45, 0.1);
}

TEST(SceneGeneratorTest, EqualSeedsGiveEqualScenes) {
  std::mt19937_64 a(5);
  std::mt19937_64 b(5);
  std::mt19937_64 c(6);
  int same = 0;
  for (int i = 0; i < 20; ++i) {
    const Scene scene = RandomScene(Split::kHeldOut, a);
    EXPECT_EQ(scene, RandomScene(Split::kHeldOut, b));
    same += scene == RandomScene(Split::kHeldOut, c);
  }
  EXPECT_EQ(same, 0);
}

}  // namespace
}  // namespace ella
