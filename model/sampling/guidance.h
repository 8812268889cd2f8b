// Classifier-free guidance (2207.12598).
#pragma once

#include <ATen/ATen.h>

namespace ella {

// negative + scale * (positive - negative) in float32, for eps of equal shapes.
at::Tensor Guide(const at::Tensor& negative, const at::Tensor& positive,
                 float scale);

}  // namespace ella
