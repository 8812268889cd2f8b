#include <vector>

#include "absl/strings/str_cat.h"
#include "scenes/caption_phrases.h"
#include "scenes/scene_captions.h"
#include "scenes/scene_layout.h"

namespace ella {
namespace {

constexpr int kMaxWords = 18;
constexpr double kAllAnd = 0.2;  // of the lists

std::string Described(const Thing& thing, Chooser& chooser) {
  std::string text = NounPhrase(thing, chooser);
  if (thing.place)
    absl::StrAppend(&text, " ", PlacePhrase(*thing.place, chooser));
  return text;
}

// "a, b and c", or "a and b and c".
std::string Listed(const std::vector<std::string>& parts, bool all_and) {
  std::string text = parts[0];
  for (size_t i = 1; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    absl::StrAppend(&text, last || all_and ? " and " : ", ", parts[i]);
  }
  return text;
}

std::string Named(const SceneFacts& facts, Chooser& chooser) {
  std::vector<std::string> parts;
  if (facts.relations.empty()) {
    for (const Thing& thing : facts.things) {
      parts.push_back(Described(thing, chooser));
    }
    return Listed(parts, chooser.Chance(kAllAnd));
  }
  const RelationFact& fact = facts.relations[0];
  for (int i = 0; i < static_cast<int>(facts.things.size()); ++i) {
    if (i == fact.second) continue;
    parts.push_back(Described(facts.things[i], chooser));
    if (i == fact.first) {
      const std::string relation = RelationPhrase(fact.relation, chooser);
      absl::StrAppend(&parts.back(), " ", relation, " ",
                      Described(facts.things[fact.second], chooser));
    }
  }
  return Listed(parts, chooser.Chance(kAllAnd));
}

std::string Wording(const SceneFacts& facts, Chooser& chooser) {
  const std::string things = Named(facts, chooser);
  if (facts.background) {
    const std::string name = BackgroundName(*facts.background);
    switch (chooser.Below(4)) {
      case 0:
        return absl::StrCat(things, " against a ", name, " background");
      case 1:
        return absl::StrCat("on a ", name, " background, ", things);
      case 2:
        return absl::StrCat(things, " on ", name);
      default:
        return absl::StrCat(things, " on a ", name, " background");
    }
  }
  switch (chooser.Below(6)) {
    case 0:
      return absl::StrCat("a picture of ", things);
    case 1:
      return absl::StrCat("an image of ", things);
    default:
      return things;
  }
}

}  // namespace

std::string ShortCaption(const Scene& scene, std::mt19937_64& random) {
  Chooser chooser(random);
  const SceneFacts facts = ChooseShortFacts(scene, chooser);
  return ShortCaption(facts, chooser);
}

std::string ShortCaption(const SceneFacts& facts, Chooser& chooser) {
  // Some wordings of these facts have few enough words.
  std::string caption;
  do {
    caption = Wording(facts, chooser);
  } while (CountWords(caption) > kMaxWords);
  return caption;
}

std::string PlacedCaption(const SceneFacts& facts, Chooser& chooser) {
  return Wording(facts, chooser);
}

std::string PlainCaption(const SceneFacts& facts) {
  std::vector<std::string> parts;
  for (const Thing& thing : RelationsAsPlaces(facts).things) {
    parts.push_back(PlainNounPhrase(thing));
    if (thing.place)
      absl::StrAppend(&parts.back(), " ", PlaceName(*thing.place));
  }
  std::string text = Listed(parts, /*all_and=*/false);
  if (facts.background) {
    absl::StrAppend(&text, " on a ", BackgroundName(*facts.background),
                    " background");
  }
  return text;
}

}  // namespace ella
