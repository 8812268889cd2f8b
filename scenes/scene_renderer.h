// Scenes as pictures.
#pragma once

#include "model/api/types.h"
#include "scenes/scene.h"

namespace ella {

// A square picture with smooth edges, `side` pixels wide; any side above 0.
RgbImage Render(const Scene& scene, int side);

}  // namespace ella
