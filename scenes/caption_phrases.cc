#include "scenes/caption_phrases.h"

#include <algorithm>
#include <vector>

namespace ella {
namespace {

std::string WithArticle(const Thing& thing, const std::string& words) {
  if (thing.count > 1) return CountName(thing.count) + " " + words;
  return (words.starts_with("orange") ? "an " : "a ") + words;
}

std::string ShapeOf(const Thing& thing) {
  return thing.count > 1 ? ShapePlural(thing.shape) : ShapeName(thing.shape);
}

std::string Sized(const Thing& thing, const std::string& size) {
  return WithArticle(
      thing, size + " " + ColorName(thing.color) + " " + ShapeOf(thing));
}

}  // namespace

std::string NounPhrase(const Thing& thing, Chooser& chooser) {
  if (!thing.size) return NounPhraseWithoutSize(thing);
  return Sized(thing, SizeWord(*thing.size, chooser));
}

std::string PlainNounPhrase(const Thing& thing) {
  return thing.size ? Sized(thing, SizeName(*thing.size))
                    : NounPhraseWithoutSize(thing);
}

std::string NounPhraseWithoutSize(const Thing& thing) {
  return WithArticle(thing, ColorName(thing.color) + " " + ShapeOf(thing));
}

std::string Reference(const SceneFacts& facts, int thing, Chooser& chooser) {
  const Thing& it = facts.things[thing];
  const auto only = [&facts](auto same) {
    return std::count_if(facts.things.begin(), facts.things.end(), same) == 1;
  };
  std::vector<std::string> references = {"the " + ColorName(it.color) + " " +
                                         ShapeOf(it)};
  if (only([&it](const Thing& other) { return other.shape == it.shape; })) {
    references.push_back("the " + ShapeOf(it));
  }
  if (only([&it](const Thing& other) { return other.color == it.color; })) {
    references.push_back("the " + ColorName(it.color) +
                         (it.count > 1 ? " shapes" : " shape"));
  }
  return chooser.Pick(references);
}

std::string RelationPhrase(Relation relation, Chooser& chooser) {
  if (chooser.Chance(0.5)) return RelationName(relation);
  switch (relation) {
    case Relation::kLeftOf:
      return "left of";
    case Relation::kRightOf:
      return "right of";
    case Relation::kAbove:
      return "over";
    case Relation::kBelow:
      break;
  }
  return "under";
}

std::string PlacePhrase(Place place, Chooser& chooser) {
  const std::string name = PlaceName(place);
  if (chooser.Chance(0.5)) return name;
  switch (place) {
    case Place::kTopLeft:
    case Place::kTopRight:
    case Place::kBottomLeft:
    case Place::kBottomRight:
      return name + " corner";
    case Place::kCenter:
      return "in the middle";
    case Place::kLeft:
    case Place::kRight:
      return name + " side";
    case Place::kTop:
    case Place::kBottom:
      break;
  }
  return name + " edge";
}

std::string SizeWord(Size size, Chooser& chooser) {
  if (chooser.Chance(0.7)) return SizeName(size);
  return size == Size::kSmall ? "little" : "big";
}

int CountWords(std::string_view text) {
  return text.empty()
             ? 0
             : 1 + static_cast<int>(std::count(text.begin(), text.end(), ' '));
}

}  // namespace ella
