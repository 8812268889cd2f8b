// Scenes in words: fewer than 100 different ones in all.
#pragma once

#include <random>
#include <string>

#include "scenes/scene.h"
#include "scenes/scene_facts.h"

namespace ella {

// "a red circle and a blue star on a gray background": at most 18 words, lower
// case. Equal generators give equal captions on every machine.
std::string ShortCaption(const Scene& scene, std::mt19937_64& random);
std::string ShortCaption(const SceneFacts& facts, Chooser& chooser);

// The same of any length: "a red circle on the left and a big blue star at the
// top". For facts with at most one relation.
std::string PlacedCaption(const SceneFacts& facts, Chooser& chooser);

// All that the facts say of things and background, in a placed caption's words
// and always the same ones, relations as places.
std::string PlainCaption(const SceneFacts& facts);

// Two to seven sentences of 25 to 90 words in all, 15 where there is one object
// alone; most in sentence case, some in lower case.
std::string DenseCaption(const Scene& scene, std::mt19937_64& random);
std::string DenseCaption(const SceneFacts& facts, Chooser& chooser);

}  // namespace ella
