// Who is served next, and which rows share the next step: decisions only, no
// locks, clocks or engines.
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "server/scheduling/task.h"

namespace ella {

// Larger priority first, then the older one.
bool ServedBefore(const Task& a, const Task& b);

// UNet rows that one image takes in a step: two with guidance.
int UnetRowsPerImage(const GenerationParams& params);

// Work of so many steps of one image, in latent pixels through the UNet.
double UnetWork(const GenerationParams& params, int steps);

// Indices of the rows to step next, in their order. steps_left: of each row,
// 0 for one that is done. Takes as many as max_unet_rows allows but at least
// one, those with most steps left first, so that the images of a request
// advance together.
std::vector<int> ChooseRows(absl::Span<const int> steps_left,
                            int unet_rows_per_image, int max_unet_rows);

}  // namespace ella
