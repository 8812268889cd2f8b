#include "model/sampling/guidance.h"

namespace ella {

at::Tensor Guide(const at::Tensor& negative, const at::Tensor& positive,
                 float scale) {
  const at::Tensor from = negative.to(at::kFloat);
  return from + scale * (positive.to(at::kFloat) - from);
}

}  // namespace ella
