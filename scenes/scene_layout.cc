#include "scenes/scene_layout.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace ella {
namespace {

constexpr int kPlaceCount = static_cast<int>(kPlaces.size());
constexpr int kNoPlace = -1;

// Of places as indices of `kPlaces`.
int RelationCost(Relation relation, int first, int second) {
  const RelationOffset offset =
      OffsetOf(relation, static_cast<float>(second % 3 - first % 3),
               static_cast<float>(second / 3 - first / 3));
  const int along = static_cast<int>(offset.along);
  const int across = static_cast<int>(offset.across);
  constexpr int kBroken = 5000;
  const bool holds = along >= 1 && along >= across;
  return 200 * (2 - along) + 300 * across + (holds ? 0 : kBroken);
}

// The places of all things, some perhaps without.
int LayoutCost(const std::vector<RelationFact>& relations,
               const std::vector<int>& places) {
  constexpr int kShared = 2000;
  constexpr int kCorner = 10;  // the words for edges are plainer
  int cost = 0;
  for (const RelationFact& fact : relations) {
    if (places[fact.first] == kNoPlace || places[fact.second] == kNoPlace) {
      continue;
    }
    cost +=
        RelationCost(fact.relation, places[fact.first], places[fact.second]);
  }
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i] == kNoPlace) continue;
    cost += places[i];  // the first of several that are as good
    if (places[i] % 3 != 1 && places[i] / 3 != 1) cost += kCorner;
    cost += kShared * static_cast<int>(std::count(
                          places.begin(), places.begin() + i, places[i]));
  }
  return cost;
}

}  // namespace

SceneFacts RelationsAsPlaces(const SceneFacts& facts) {
  SceneFacts placed = facts;
  placed.relations.clear();
  std::vector<int> places;
  std::vector<int> wanted;  // things
  for (int i = 0; i < static_cast<int>(facts.things.size()); ++i) {
    const Thing& thing = facts.things[i];
    places.push_back(thing.place ? static_cast<int>(*thing.place) : kNoPlace);
    if (!thing.place &&
        std::any_of(facts.relations.begin(), facts.relations.end(),
                    [i](const RelationFact& fact) {
                      return fact.first == i || fact.second == i;
                    })) {
      wanted.push_back(i);
    }
  }
  // All layouts in turn; at most four things, so at most 6,561.
  int layouts = 1;
  for (size_t i = 0; i < wanted.size(); ++i) layouts *= kPlaceCount;
  int least = std::numeric_limits<int>::max();
  for (int layout = 0; layout < layouts; ++layout) {
    int rest = layout;
    for (const int thing : wanted) {
      places[thing] = rest % kPlaceCount;
      rest /= kPlaceCount;
    }
    const int cost = LayoutCost(facts.relations, places);
    if (cost >= least) continue;
    least = cost;
    for (const int thing : wanted) {
      placed.things[thing].place = kPlaces[places[thing]];
    }
  }
  return placed;
}

Scene AsTold(Scene scene, const SceneFacts& facts) {
  for (const Thing& thing : facts.things) {
    if (!thing.place) continue;
    const int place = static_cast<int>(*thing.place);
    for (SceneObject& object : scene.objects) {
      if (object.shape != thing.shape || object.color != thing.color) continue;
      const float radius = SizeRadius(object.size);
      const auto middle = [radius](int third) {
        return std::clamp((static_cast<float>(third) + 0.5f) / 3, radius,
                          1 - radius);
      };
      object.x = middle(place % 3);
      object.y = middle(place / 3);
    }
  }
  return scene;
}

}  // namespace ella
