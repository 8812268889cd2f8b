#include <algorithm>

#include "scenes/scene_judge.h"
#include "scenes/scene_relations.h"

namespace ella {
namespace {

using Kind = SceneQuestion::Kind;

}  // namespace

bool Answer(const SceneObservation& observation,
            const SceneQuestion& question) {
  const std::vector<SceneObject>& objects = observation.objects;
  const auto has_shape = [&question](const SceneObject& it) {
    return it.shape == question.shape;
  };
  const auto is_first = [&question](const SceneObject& it) {
    return it.shape == question.shape && it.color == question.color;
  };
  const auto is_second = [&question](const SceneObject& it) {
    return it.shape == question.second_shape &&
           it.color == question.second_color;
  };
  // Of the objects that `is`, whether there is one that `has`, and whether
  // there is one and all of them do.
  const auto any = [&objects](auto is, auto has) {
    return std::any_of(
        objects.begin(), objects.end(),
        [&](const SceneObject& it) { return is(it) && has(it); });
  };
  const auto all = [&objects, &any](auto is, auto has) {
    return any(is, has) && std::all_of(objects.begin(), objects.end(),
                                       [&](const SceneObject& it) {
                                         return !is(it) || has(it);
                                       });
  };
  const auto has_size = [&question](const SceneObject& it) {
    return it.size == question.size;
  };
  switch (question.kind) {
    case Kind::kShape:
      return any(has_shape, has_shape);
    case Kind::kColor:
    case Kind::kOneOfColor:
      return any(has_shape, is_first);
    case Kind::kAllColor:
      return all(has_shape, is_first);
    case Kind::kSize:
      return any(is_first, has_size);
    case Kind::kAllSize:
      return all(is_first, has_size);
    case Kind::kPlace:
      return any(is_first, [&question](const SceneObject& it) {
        return PlaceHolds(question.place, it);
      });
    case Kind::kRelation:
      return any(is_first, [&](const SceneObject& first) {
        return any(is_second, [&](const SceneObject& second) {
          return RelationHolds(question.relation, first, second);
        });
      });
    case Kind::kCount:
      return std::count_if(objects.begin(), objects.end(), is_first) ==
             question.count;
    case Kind::kTotal:
      return static_cast<int>(objects.size()) + observation.unclear ==
             question.count;
    case Kind::kBackground:
      break;
  }
  return observation.background == question.background;
}

absl::StatusOr<bool> Answer(const SceneObservation& observation,
                            std::string_view question) {
  const absl::StatusOr<SceneQuestion> parsed = ParseQuestion(question);
  if (!parsed.ok()) return parsed.status();
  return Answer(observation, *parsed);
}

}  // namespace ella
