// The parts that captions are made of, in varied wording and lower case.
#pragma once

#include <string>
#include <string_view>

#include "scenes/scene_facts.h"

namespace ella {

// "a large red circle", "two small blue stars".
std::string NounPhrase(const Thing& thing, Chooser& chooser);
std::string NounPhraseWithoutSize(const Thing& thing);
// With the size's plain name, if it is said.
std::string PlainNounPhrase(const Thing& thing);

// Of the facts' thing, named before: "the circle" or "the red shape" where that
// is clear, or "the red circle".
std::string Reference(const SceneFacts& facts, int thing, Chooser& chooser);

// "left of", "to the left of".
std::string RelationPhrase(Relation relation, Chooser& chooser);
// "in the top left", "in the top left corner".
std::string PlacePhrase(Place place, Chooser& chooser);
// "large", "big".
std::string SizeWord(Size size, Chooser& chooser);

int CountWords(std::string_view text);

}  // namespace ella
