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

// The same with the place of each object that is clear, so longer where there
// are several: "a red circle on the left and a big blue star at the top".
// `detail`: how often it tells the sizes, and how often the background.
std::string PlacedCaption(const Scene& scene, std::mt19937_64& random,
                          double detail = 0.5);

// Two to seven sentences of 25 to 90 words in all, 15 where there is one object
// alone; most in sentence case, some in lower case.
std::string DenseCaption(const Scene& scene, std::mt19937_64& random);
std::string DenseCaption(const SceneFacts& facts, Chooser& chooser);

}  // namespace ella
