#include "scenes/scene_generator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "scenes/chooser.h"
#include "scenes/scene_relations.h"

namespace ella {
namespace {

constexpr float kMargin = 1.0f / 64;  // to the picture's edge
constexpr float kGap = 3.0f / 64;     // between two objects

struct HeldOutPair {
  Color color;
  Shape shape;
};
constexpr std::array kHeldOutPairs = {
    HeldOutPair{Color::kPurple, Shape::kCircle},
    HeldOutPair{Color::kYellow, Shape::kSquare},
    HeldOutPair{Color::kBlue, Shape::kTriangle},
    HeldOutPair{Color::kGreen, Shape::kStar},
    HeldOutPair{Color::kOrange, Shape::kCross},
    HeldOutPair{Color::kRed, Shape::kRing}};

// "Right of" and "below" are these, read from the other side.
struct HeldOutTriple {
  Shape first;
  Relation relation;
  Shape second;
};
constexpr std::array kHeldOutTriples = {
    HeldOutTriple{Shape::kCross, Relation::kLeftOf, Shape::kStar},
    HeldOutTriple{Shape::kSquare, Relation::kLeftOf, Shape::kRing},
    HeldOutTriple{Shape::kTriangle, Relation::kLeftOf, Shape::kCircle},
    HeldOutTriple{Shape::kStar, Relation::kLeftOf, Shape::kSquare},
    HeldOutTriple{Shape::kCircle, Relation::kAbove, Shape::kCross},
    HeldOutTriple{Shape::kRing, Relation::kAbove, Shape::kTriangle},
    HeldOutTriple{Shape::kSquare, Relation::kAbove, Shape::kCircle},
    HeldOutTriple{Shape::kTriangle, Relation::kAbove, Shape::kStar}};

bool ShowsHeldOutPair(const Scene& scene) {
  return std::any_of(
      scene.objects.begin(), scene.objects.end(), [](const SceneObject& it) {
        return std::any_of(kHeldOutPairs.begin(), kHeldOutPairs.end(),
                           [&it](const HeldOutPair& pair) {
                             return pair.color == it.color &&
                                    pair.shape == it.shape;
                           });
      });
}

bool ShowsHeldOutTriple(const Scene& scene, bool clearly) {
  for (const SceneObject& a : scene.objects) {
    for (const SceneObject& b : scene.objects) {
      for (const HeldOutTriple& triple : kHeldOutTriples) {
        if (a.shape != triple.first || b.shape != triple.second) continue;
        if (clearly ? ClearRelation(a, b) == triple.relation
                    : RelationHolds(triple.relation, a, b)) {
          return true;
        }
      }
    }
  }
  return false;
}

int RandomCount(const CountShares& shares, Chooser& chooser) {
  double part = chooser.Uniform(0, 1);
  int count = 1;
  for (const double share : shares) {
    if (part < share) break;
    part -= share;
    ++count;
  }
  return count;
}

SceneObject RandomObject(Chooser& chooser) {
  return {.shape = chooser.Pick(kShapes),
          .color = chooser.Pick(kColors),
          .size = chooser.Pick(kSizes)};
}

std::vector<SceneObject> RandomObjects(int count, Chooser& chooser) {
  std::vector<SceneObject> objects = {RandomObject(chooser)};
  if (count > 1 && chooser.Chance(0.2)) {
    const int alike = count == 2 ? 2 : 2 + chooser.Below(2);
    objects.resize(alike, objects[0]);
  }
  while (static_cast<int>(objects.size()) < count) {
    const SceneObject next = RandomObject(chooser);
    if (std::none_of(
            objects.begin(), objects.end(), [&next](const SceneObject& object) {
              return object.shape == next.shape && object.color == next.color;
            })) {
      objects.push_back(next);
    }
  }
  chooser.Shuffle(objects);
  return objects;
}

void MoveAnywhere(SceneObject& object, Chooser& chooser) {
  const float edge = SizeRadius(object.size) + kMargin;
  object.x = static_cast<float>(chooser.Uniform(edge, 1 - edge));
  object.y = static_cast<float>(chooser.Uniform(edge, 1 - edge));
}

bool Apart(const SceneObject& a, const SceneObject& b) {
  return std::hypot(a.x - b.x, a.y - b.y) >=
         SizeRadius(a.size) + SizeRadius(b.size) + kGap;
}

// False where some object found no room.
bool PlaceAll(std::vector<SceneObject>& objects, Chooser& chooser) {
  constexpr int kTries = 20;
  for (auto object = objects.begin(); object != objects.end(); ++object) {
    bool placed = false;
    for (int i = 0; i < kTries && !placed; ++i) {
      MoveAnywhere(*object, chooser);
      // A second try, so that most objects have a place that can be named.
      if (!ClearPlace(*object)) MoveAnywhere(*object, chooser);
      placed = std::all_of(objects.begin(), object,
                           [&object](const SceneObject& other) {
                             return Apart(*object, other);
                           });
    }
    if (!placed) return false;
  }
  return true;
}

}  // namespace

Scene RandomScene(Split split, std::mt19937_64& random,
                  const CountShares& shares) {
  Chooser chooser(random);
  const int count = RandomCount(shares, chooser);
  Scene scene;
  scene.background = chooser.Pick(kBackgrounds);
  do {
    scene.objects = RandomObjects(count, chooser);
    while (!PlaceAll(scene.objects, chooser)) {
    }
  } while (!FitsSplit(scene, split));
  return scene;
}

bool FitsSplit(const Scene& scene, Split split) {
  if (split == Split::kTraining) {
    return !ShowsHeldOutPair(scene) && !ShowsHeldOutTriple(scene, false);
  }
  return ShowsHeldOutPair(scene) || ShowsHeldOutTriple(scene, true);
}

}  // namespace ella
