#include "scenes/scene_facts.h"

#include <algorithm>
#include <utility>

namespace ella {
namespace {

// The things of a scene in random order, each with one of its objects.
using Group = std::pair<Thing, SceneObject>;

std::vector<Group> GroupAlike(const Scene& scene, Chooser& chooser) {
  std::vector<Group> groups;
  for (const SceneObject& object : scene.objects) {
    const auto group = std::find_if(
        groups.begin(), groups.end(),
        [&object](const Group& it) { return Alike(it.second, object); });
    if (group != groups.end()) {
      ++group->first.count;
      continue;
    }
    Thing thing;
    thing.shape = object.shape;
    thing.color = object.color;
    groups.emplace_back(thing, object);
  }
  chooser.Shuffle(groups);
  return groups;
}

std::vector<RelationFact> ClearRelations(const std::vector<Group>& groups,
                                         Chooser& chooser) {
  std::vector<RelationFact> relations;
  for (int i = 0; i < static_cast<int>(groups.size()); ++i) {
    for (int j = i + 1; j < static_cast<int>(groups.size()); ++j) {
      if (groups[i].first.count > 1 || groups[j].first.count > 1) continue;
      const auto relation = ClearRelation(groups[i].second, groups[j].second);
      if (!relation) continue;
      if (chooser.Chance(0.5)) {
        relations.push_back({i, *relation, j});
      } else {
        relations.push_back({j, Opposite(*relation), i});
      }
    }
  }
  chooser.Shuffle(relations);
  return relations;
}

void SayPlace(Group& group) {
  if (group.first.count == 1) group.first.place = ClearPlace(group.second);
}

void SaySizes(std::vector<Group>& groups) {
  for (auto& [thing, object] : groups) thing.size = object.size;
}

void TakeThings(const std::vector<Group>& groups, SceneFacts& facts) {
  for (const Group& group : groups) facts.things.push_back(group.first);
}

bool Involves(const RelationFact& fact, int thing) {
  return fact.first == thing || fact.second == thing;
}

}  // namespace

SceneFacts ChooseShortFacts(const Scene& scene, Chooser& chooser,
                            double lone_place) {
  SceneFacts facts;
  std::vector<Group> groups = GroupAlike(scene, chooser);
  const size_t count = groups.size();
  const double detail = chooser.Uniform(0, 1);
  bool room_for_background = true;
  if (count == 1) {
    if (detail < 0.5) SaySizes(groups);
    if (chooser.Chance(lone_place)) SayPlace(groups[0]);
  } else if (detail < 0.3) {
    SaySizes(groups);
    room_for_background = count < 4;
  } else if (detail < 0.6 && count < 4) {
    facts.relations = ClearRelations(groups, chooser);
    if (facts.relations.size() > 1) facts.relations.resize(1);
  } else if (detail < 0.9) {
    const size_t places = count < 4 ? 2 : 1;
    for (size_t i = 0; i < places; ++i) SayPlace(groups[i]);
    room_for_background = false;
  }
  if (room_for_background && chooser.Chance(0.5)) {
    facts.background = scene.background;
  }
  TakeThings(groups, facts);
  return facts;
}

SceneFacts ChoosePlacedFacts(const Scene& scene, Chooser& chooser,
                             double detail) {
  SceneFacts facts;
  std::vector<Group> groups = GroupAlike(scene, chooser);
  if (chooser.Chance(detail)) SaySizes(groups);
  for (Group& group : groups) SayPlace(group);
  if (chooser.Chance(detail)) facts.background = scene.background;
  TakeThings(groups, facts);
  return facts;
}

SceneFacts ChooseDenseFacts(const Scene& scene, Chooser& chooser,
                            double related_place) {
  SceneFacts facts;
  facts.background = scene.background;
  if (chooser.Chance(0.4)) facts.total = static_cast<int>(scene.objects.size());
  std::vector<Group> groups = GroupAlike(scene, chooser);
  SaySizes(groups);
  std::vector<RelationFact> relations = ClearRelations(groups, chooser);
  for (int i = 0; i < static_cast<int>(groups.size()); ++i) {
    const bool related = std::any_of(
        relations.begin(), relations.end(),
        [i](const RelationFact& fact) { return Involves(fact, i); });
    if (!related || chooser.Chance(related_place)) SayPlace(groups[i]);
  }
  // First what gives a thing that has neither place nor relation yet one, then
  // others by chance.
  constexpr size_t kMaxRelations = 3;
  for (const RelationFact& fact : relations) {
    if (facts.relations.size() == kMaxRelations) break;
    const auto lacks = [&](int thing) {
      return !groups[thing].first.place &&
             std::none_of(facts.relations.begin(), facts.relations.end(),
                          [thing](const RelationFact& it) {
                            return Involves(it, thing);
                          });
    };
    if (lacks(fact.first) || lacks(fact.second) || chooser.Chance(0.35)) {
      facts.relations.push_back(fact);
    }
  }
  TakeThings(groups, facts);
  return facts;
}

}  // namespace ella
