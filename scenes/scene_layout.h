// What a caption tells by relations, told by places instead.
#pragma once

#include "scenes/scene_facts.h"

namespace ella {

// The facts without relations: each single thing that stands in one and has no
// place gets that which suits all relations best, and only them: equal facts
// give equal places. "A star above a triangle" becomes a star at the top and a
// triangle at the bottom.
SceneFacts RelationsAsPlaces(const SceneFacts& facts);

// The scene with each thing whose place its facts tell in the middle of it.
Scene AsTold(Scene scene, const SceneFacts& facts);

}  // namespace ella
