// The outlines of the shapes.
#pragma once

#include "scenes/scene.h"

namespace ella {

// Whether the point is part of the shape that is centred at 0,0 and touches the
// unit circle from within; y down.
bool ShapeContains(Shape shape, float x, float y);

// Of that shape; a circle's is pi.
float ShapeArea(Shape shape);

// How much of a pixel the shape covers, 0 to 1. All lengths in pixels; the
// pixel is given by its top left corner.
float ShapeCoverage(Shape shape, float center_x, float center_y, float radius,
                    int pixel_x, int pixel_y);

}  // namespace ella
