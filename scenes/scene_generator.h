// Random scenes, and the combinations that training never shows.
#pragma once

#include <array>
#include <random>

#include "scenes/scene.h"

namespace ella {

// Held out are six pairs of a colour and a shape, and eight triples of a shape,
// a relation and a shape (README.md lists them).
enum class Split { kTraining, kHeldOut };

// Of the scenes with one, two and three objects; the rest have four.
using CountShares = std::array<double, 3>;
inline constexpr CountShares kManyObjects = {0.2, 0.3, 0.25};
inline constexpr CountShares kFewObjects = {0.45, 0.3, 0.15};

// A training scene shows nothing that is held out, a held-out scene something.
// One to four objects; in a fifth of the scenes with more than one, two or
// three are alike, and else no two have the same colour and shape. Equal
// generators give equal scenes on every machine.
Scene RandomScene(Split split, std::mt19937_64& random,
                  const CountShares& shares = kManyObjects);

// Whether a scene may belong to the split; some belong to neither, since a
// held-out relation must be clear there, and mustn't even just hold in
// training.
bool FitsSplit(const Scene& scene, Split split);

}  // namespace ella
