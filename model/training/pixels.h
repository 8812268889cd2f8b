// Between 8-bit pictures and tensors.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "model/api/types.h"

namespace ella {

// -> [3, height, width] float32 from -1 to 1.
at::Tensor ToTensor(const RgbImage& image);

// images [N, 3, h, w] around -1 to 1 -> one picture of `columns` columns, from
// left to right and from the top, with gutters of 2 pixels.
RgbImage ToSheet(const at::Tensor& images, int64_t columns);

}  // namespace ella
